import type { FilePlace } from '../../server/protocol/types.ts';

/** Scheme of the files of containers, images, layers and volumes: `sampan-files://container-<id>/etc/hosts`. */
export const fileScheme = 'sampan-files';

/** The parts of a URI that say which file it names. */
export interface FileAddress {
  readonly authority: string;
  readonly path: string;
}

/** The URI of a file; with `change` (A, M, D) the one that its decoration is looked up by. */
export function fileUri(place: FilePlace, path: string, change?: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `${fileScheme}://${authorityOf(place)}${encoded}${change === undefined ? '' : `?${change}`}`;
}

/** The place that a URI's authority names; undefined when it is none of ours. */
export function placeOf(authority: string): FilePlace | undefined {
  const [, kind, id = ''] = /^(container|image|layer|volume)-([0-9a-f]+)$/.exec(authority) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'volume') return { kind, id: textOfHex(id) };
  if (kind === 'container') return { kind, id };
  return { kind: kind as 'image' | 'layer', id: `sha256:${id}` };
}

/** Ids are hexadecimal; a volume's name is written so as well, because VS Code makes authorities lower case. */
function authorityOf({ kind, id }: FilePlace): string {
  return `${kind}-${kind === 'volume' ? hexOfText(id) : id.replace(/^sha256:/, '')}`;
}

function hexOfText(text: string): string {
  return [...new TextEncoder().encode(text)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

function textOfHex(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map(byte => Number.parseInt(byte, 16));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
