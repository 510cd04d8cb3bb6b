import type { BuildEvent } from '../../protocol/types.ts';

/** Shows a build as it goes. */
export interface Progress {
  handle(event: BuildEvent): void;
  /** Text about the step that failed, shown before the error. */
  failure(step: string | undefined): string;
}

/** `--quiet`: nothing. */
export const noProgress: Progress = { handle: () => undefined, failure: () => '' };

/** `--progress=json`: the events of the protocol, one a line. */
export function jsonProgress(write: (text: string) => void): Progress {
  return { handle: event => write(`${JSON.stringify(event)}\n`), failure: () => '' };
}
