import type { BuildEvent } from '../../protocol/types.ts';

/** Shows a build as it goes. */
export interface Progress {
  handle(event: BuildEvent): void;
  /** Text about the step that failed, shown before the error. */
  failure(step: string | undefined): string;
  /** Nothing comes any more: what was drawn stays, and others may write. */
  end(): void;
}

/** The end of a failing step's output, as BuildKit repeats it. */
export function failureText({
  name,
  tail,
}: {
  readonly name: string;
  readonly tail: readonly string[];
}): string {
  const output = tail.length === 0 ? '' : `${tail.join('\n')}\n`;
  return `------\n > ${name}:\n${output}------\n`;
}

/** `--quiet`: nothing. */
export const noProgress: Progress = { handle: () => undefined, failure: () => '', end: () => undefined };

/** `--progress=json`: the events of the protocol, one a line. */
export function jsonProgress(write: (text: string) => void): Progress {
  return { handle: event => write(`${JSON.stringify(event)}\n`), failure: () => '', end: () => undefined };
}
