import type { Command } from './command.ts';
import type { RunScript } from './script.ts';
import type { ScriptFinding, ScriptFix } from './scriptRule.ts';

/** What a program keeps of what it downloaded. */
export interface DownloadCache {
  readonly program: string;
  /** Words of the commands that fill it, and of those that empty it. */
  readonly fills: readonly string[];
  readonly empties: readonly string[];
  /** The argument of an `rm` that empties it too. */
  readonly path?: string;
}

/** The first command that fills a cache which no command behind it empties. */
export function leavesCache({ commands }: RunScript, cache: DownloadCache): Command | undefined {
  const { program, fills, empties, path } = cache;
  const isOf = (command: Command, words: readonly string[]): boolean =>
    command.name === program && command.has(...words);
  const filling = commands.find(command => isOf(command, fills));
  const emptying = commands.find(
    command => isOf(command, empties) || (path !== undefined && removes(command, path)),
  );
  return filling && emptying && filling.index < emptying.index ? undefined : filling;
}

/** The finding about the command that leaves its cache in the image, which `clean` empties. */
export function leftCache(at: Command, script: RunScript, clean: string): ScriptFinding {
  const message = `What ${at.name} downloaded stays in the image: add ${clean}`;
  return { at, message, fix: appendCommand(script, clean) };
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
