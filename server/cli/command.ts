import type { Client } from './client.ts';
import { CliFailure, ExitCode, usageFailure } from './failure.ts';
import { type Flags, type FlagValues, parseFlags } from './flags.ts';
import { helpText } from './help.ts';
import { print } from './output.ts';

/** What a verb works with. */
export interface Invocation<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly args: readonly string[];
  /** Connects to a server on first use; `version` and `--help` never do. */
  readonly client: () => Promise<Client>;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP, unless the verb takes signals itself. */
  readonly interrupt: Interrupt;
}

export interface Interrupt {
  readonly signal: AbortSignal;
  /** From now on signals are the verb's own affair. Gives the number of one that came before, or 0. */
  release(): number;
}

/** One verb: its line in the help, its flags, and what it does. Gives the exit code. */
export interface Command<F extends Flags> {
  /** After the program's name: `run [OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: F;
  /** Fewest and most positional arguments. */
  readonly args: readonly [least: number, most: number];
  /** Flags end at the first positional argument. */
  readonly stopAtPositional?: boolean;
  /** True when the command needs its caller's terminal itself: its mode, its size, its keys. */
  readonly needsTerminal?: (flags: FlagValues<F>) => boolean;
  /** Exit code of a failure of the engine; 1 unless said otherwise. */
  readonly failureExitCode?: number;
  run(invocation: Invocation<F>): Promise<number>;
}

/** A command whose flag types the table of verbs need not know. */
export interface AnyCommand {
  readonly failureExitCode: number;
  invoke(args: readonly string[], context: Context): Promise<number>;
}

export type Context = Pick<Invocation<Flags>, 'client' | 'interrupt'> & {
  /** The words typed, for messages: `image ls`. */
  readonly name: string;
  /** Undefined where the terminal is the command's already. */
  readonly takeTerminal: (() => never) | undefined;
};

export function defineCommand<const F extends Flags>(command: Command<F>): AnyCommand {
  return {
    failureExitCode: command.failureExitCode ?? ExitCode.failed,
    async invoke(args, context) {
      const hint = `Run 'sampan ${context.name} --help' for more information`;
      const line = withHint(hint, () => parseFlags(command.flags, args, command));
      if (line.help) {
        await print(helpText(command, context.name));
        return 0;
      }
      const problem = countProblem(command.args, line.positionals.length);
      if (problem !== undefined) throw new CliFailure(`'sampan ${context.name}' ${problem}`, { hint });
      if (command.needsTerminal?.(line.flags)) context.takeTerminal?.();
      return command.run({ ...context, flags: line.flags, args: line.positionals });
    },
  };
}

function withHint<T>(hint: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof Error ? usageFailure(error.message, hint) : error;
  }
}

function countProblem([least, most]: readonly [number, number], count: number): string | undefined {
  if (count >= least && count <= most) return undefined;
  const words = (n: number) => `${n} argument${n === 1 ? '' : 's'}`;
  if (most === 0) return 'accepts no arguments';
  if (least === most) return `requires ${words(least)}`;
  return count < least ? `requires at least ${words(least)}` : `requires at most ${words(most)}`;
}
