/** Exit codes as docker's command has them. */
export const ExitCode = {
  failed: 1,
  /** The command line is wrong, or `run` could not create or start the container. */
  usage: 125,
  notExecutable: 126,
  notFound: 127,
  /** 128 + SIGPIPE. */
  outputClosed: 141,
} as const;

/** A failure of the command itself with the exit code that it ends with. */
export class CliFailure extends Error {
  readonly exitCode: number;
  readonly hint: string | undefined;
  /** Shown as it is, without the program's name in front. */
  readonly bare: boolean;

  constructor(message: string, options: { exitCode?: number; hint?: string; bare?: boolean } = {}) {
    super(message);
    this.name = 'CliFailure';
    this.exitCode = options.exitCode ?? ExitCode.failed;
    this.hint = options.hint;
    this.bare = options.bare ?? false;
  }
}

/** Whoever read the output has gone (`sampan export x | head`): the command ends as SIGPIPE would end it, without a word. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** A command server leaves this command to a process of its own. Nothing was done. */
export class Declined extends Error {
  override readonly name = 'Declined';
}

/** A command line that cannot be understood: exit code 125. */
export function usageFailure(message: string, hint?: string): CliFailure {
  return new CliFailure(message, { exitCode: ExitCode.usage, ...(hint === undefined ? {} : { hint }) });
}
