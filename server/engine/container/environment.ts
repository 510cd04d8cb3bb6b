import { defaultPath } from './defaults.ts';
import { variableName } from './merge.ts';

export interface EnvironmentInput {
  /** Of the merged config. An entry without `=` removes that variable. */
  readonly env: readonly string[];
  readonly hostname: string;
  readonly tty: boolean;
  /** Docker's link variables. */
  readonly links: readonly string[];
  /** Home of the user, from the image's passwd. */
  readonly home: string;
}

/** The environment of the main process in docker's order: PATH, HOSTNAME, TERM, links, config; HOME when nobody set it. */
export function processEnvironment(input: EnvironmentInput): readonly string[] {
  const base = [`PATH=${defaultPath}`, `HOSTNAME=${input.hostname}`];
  if (input.tty) base.push('TERM=xterm');
  const env = overlayEnvironment([...base, ...input.links], input.env);
  const home = env.find(variable => variable.startsWith('HOME='));
  if (home && home !== 'HOME=') return env;
  return [...env.filter(variable => variable !== 'HOME='), `HOME=${input.home}`];
}

/** `base` with `changes` applied: same names replaced in place, new ones appended, names without `=` removed. */
export function overlayEnvironment(base: readonly string[], changes: readonly string[]): readonly string[] {
  const result = new Map(base.map(variable => [variableName(variable), variable]));
  for (const change of changes) {
    const name = variableName(change);
    if (change.includes('=')) result.set(name, change);
    else result.delete(name);
  }
  return [...result.values()];
}
