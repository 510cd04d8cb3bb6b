import { printLine } from './output.ts';
import { reportFailure } from './report.ts';

/**
 * Does something to each name in order and prints the name, as docker's verbs do; a failure is reported and
 * the rest goes on. The exit code: 1 when anything failed.
 */
export async function forEachName(
  names: readonly string[],
  act: (name: string) => Promise<unknown>,
): Promise<number> {
  let exitCode = 0;
  for (const name of names) {
    try {
      await act(name);
      await printLine(name);
    } catch (error) {
      reportFailure(error);
      exitCode = 1;
    }
  }
  return exitCode;
}
