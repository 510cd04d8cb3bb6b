import { CliFailure } from './failure.ts';

/** docker's check: `-it` reads keys, so stdin must be a terminal. */
export function requireTerminal(): void {
  if (process.stdin.isTTY) return;
  throw new CliFailure('the input device is not a TTY', { hint: 'Leave -t out, or run it in a terminal.' });
}
