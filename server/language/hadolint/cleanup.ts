import type { Command } from './command.ts';
import type { RunScript } from './script.ts';
import type { ScriptFix } from './scriptRule.ts';

/** The first of `wanted` is written before the first of `cleaning`. */
export function isCleanedUp(wanted: readonly Command[], cleaning: readonly Command[]): boolean {
  const [first] = wanted;
  const [clean] = cleaning;
  return first !== undefined && clean !== undefined && first.index < clean.index;
}

/** Adds a command to the end of a script; undefined where it would not run only after all others succeeded. */
export function appendCommand(script: RunScript, command: string): ScriptFix | undefined {
  if (!script.chainEnd) return undefined;
  return { title: `Add ${command}`, changes: [{ behind: script.chainEnd, command }] };
}

/** Removes a path; an `rm -rf` of anything else is believed to know what it does. */
export function removes({ name, args }: Command, path: string): boolean {
  return name === 'rm' && args.some(({ text }) => text === '-rf' || text === path);
}
