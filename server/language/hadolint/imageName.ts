/** The parts of an image name as it is written: variables are not replaced, nothing is filled in. */
export interface ImageName {
  /** Host with its port; undefined for Docker Hub. */
  readonly registry: string | undefined;
  /** Without registry, tag and digest. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Splits an image name. A colon or an at sign within `${...}` belongs to the variable. */
export function splitImageName(text: string): ImageName {
  const masked = text.replace(/\$\{[^}]*\}/g, variable => '_'.repeat(variable.length));
  const slash = masked.indexOf('/');
  const first = masked.slice(0, Math.max(slash, 0));
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const start = hasRegistry ? slash + 1 : 0;
  const at = masked.indexOf('@', start);
  const end = at < 0 ? text.length : at;
  const colon = masked.slice(0, end).indexOf(':', start);
  return {
    registry: hasRegistry ? text.slice(0, slash) : undefined,
    name: text.slice(start, colon < 0 ? end : colon),
    tag: colon < 0 ? undefined : text.slice(colon + 1, end),
    digest: at < 0 ? undefined : text.slice(at + 1),
  };
}
