/** What a source of COPY or ADD names. */
export type SourceKind = 'path' | 'url' | 'git';

const scheme = /^(https?|git|ssh):\/\//i;
const scp = /^(?:[a-zA-Z0-9-_]+@)[a-zA-Z0-9-.]+:(?!\/\/)/;

/** Tells paths of the context from URLs and git repositories, as BuildKit's dfgitutil does. */
export function sourceKind(source: string): SourceKind {
  const match = scheme.exec(source);
  if (!match) return scp.test(source) ? 'git' : 'path';
  const name = match[1]?.toLowerCase() ?? '';
  if (!name.startsWith('http')) return 'git';
  const path = source.slice(match[0].length).replace(/[?#].*$/s, '');
  if (path.includes('/') && path.endsWith('.git')) return 'git';
  return /^https?:\/\//.test(source) ? 'url' : 'path';
}

const symbolicMode = /^[augo]*[+\-=][rwxXstugo]*(?:[+\-=][rwxXstugo]*)*$/;

/** What is wrong with a `--chmod` value; undefined for an octal mode up to 07777 or a symbolic one of chmod(1). */
export function modeProblem(mode: string): string | undefined {
  if (/^[0-7]+$/.test(mode) && Number.parseInt(mode, 8) <= 0o7777) return undefined;
  if (/^\d/.test(mode)) {
    return `invalid chmod parameter: '${mode}'. it should be octal string and between 0 and 07777`;
  }
  return mode.split(',').every(clause => symbolicMode.test(clause)) ? undefined : 'invalid syntax';
}
