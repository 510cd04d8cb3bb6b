import type { Flag, InstructionName, InstructionNode, Word } from '../syntax/tree.ts';
import type { Report } from './report.ts';
import { didYouMean, suggest } from './suggest.ts';

/** `switch` is true or false, and true without a value; `list` may be given several times. */
export type FlagKind = 'text' | 'switch' | 'list';

const transferFlags = { chown: 'text', chmod: 'text', link: 'switch', exclude: 'list' } as const;

/** The flags of every instruction that has some. */
export const instructionFlags: {
  readonly [Name in InstructionName]?: { readonly [flag: string]: FlagKind };
} = {
  FROM: { platform: 'text' },
  RUN: { mount: 'list', network: 'text', security: 'text', device: 'list' },
  COPY: { ...transferFlags, from: 'text', parents: 'switch' },
  ADD: { ...transferFlags, 'keep-git-dir': 'switch', checksum: 'text', unpack: 'switch' },
  HEALTHCHECK: {
    interval: 'text',
    timeout: 'text',
    'start-period': 'text',
    'start-interval': 'text',
    retries: 'text',
  },
};

/** Flags that were read, by name. */
export class FlagValues {
  readonly #flags = new Map<string, Flag[]>();

  add(flag: Flag): void {
    const list = this.#flags.get(flag.name.text);
    if (list) list.push(flag);
    else this.#flags.set(flag.name.text, [flag]);
  }

  has(name: string): boolean {
    return this.#flags.has(name);
  }

  text(name: string): Word | undefined {
    return this.#flags.get(name)?.[0]?.value;
  }

  list(name: string): Word[] {
    return (this.#flags.get(name) ?? []).flatMap(flag => flag.value ?? []);
  }

  switch(name: string): boolean | undefined {
    const flag = this.#flags.get(name)?.[0];
    return flag && flag.value?.text.toLowerCase() !== 'false';
  }
}

const noFlags = new FlagValues();

/** Reads the flags of an instruction; wrong ones are reported and left out. */
export function readFlagValues(node: InstructionNode, report: Report): FlagValues {
  if (node.flags.length === 0) return noFlags;
  const known = (node.name && instructionFlags[node.name]) ?? {};
  const values = new FlagValues();
  for (const flag of node.flags) {
    const kind = Object.hasOwn(known, flag.name.text) ? known[flag.name.text] : undefined;
    const problem = kind === undefined ? undefined : flagProblem(flag, kind, values);
    if (kind === undefined) reportUnknown(flag, Object.keys(known), report);
    else if (problem === undefined) values.add(flag);
    else report(flag, problem.code, problem.message);
  }
  return values;
}

function reportUnknown(flag: Flag, known: readonly string[], report: Report): void {
  const suggestion = suggest(flag.name.text, known);
  const message = `unknown flag: --${flag.name.text}${didYouMean(suggestion)}`;
  report(suggestion === undefined ? flag : flag.name, 'unknown-flag', message, suggestion);
}

function flagProblem(
  flag: Flag,
  kind: FlagKind,
  earlier: FlagValues,
): { code: string; message: string } | undefined {
  const name = `--${flag.name.text}`;
  if (kind !== 'list' && earlier.has(flag.name.text)) {
    return { code: 'duplicate-flag', message: `duplicate flag specified: ${name}` };
  }
  const value = flag.value?.text;
  if (kind === 'switch' ? value === '' : value === undefined) {
    return { code: 'flag-without-value', message: `missing a value on flag: ${name}` };
  }
  if (kind === 'switch' && value !== undefined && !['true', 'false'].includes(value.toLowerCase())) {
    return {
      code: 'invalid-flag-value',
      message: `expecting boolean value for flag ${name}, not: ${value}`,
    };
  }
  return undefined;
}
