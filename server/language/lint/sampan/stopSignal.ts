import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** STOPSIGNAL is a signal, and one that a program can act upon. */
export const stopSignal: InstructionRule = {
  id: 'StopSignal',
  source: 'sampan',
  scope: 'instruction',
  on: ['STOPSIGNAL'],
  isForTriggers: true,
  severity: 'warning',
  summary: 'STOPSIGNAL names a signal that a program can handle',
  documentation:
    'Linux has the signals 1 to 64. Two of them never reach the program: `SIGKILL` ends it at once, before it can save anything, and `SIGSTOP` freezes it until the time is up and it is killed.\n\n```dockerfile\nSTOPSIGNAL SIGQUIT\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'STOPSIGNAL') return;
    const { signal } = instruction;
    const text = signal.text.toUpperCase();
    const message = /^[+-]?\d+$/.test(text) ? numberProblem(Number(text)) : nameProblem(text);
    if (message !== undefined) yield { ...spanOf(signal), message };
  },
};

function numberProblem(number: number): string | undefined {
  // 0 is an error of its own.
  if (number > 64 || number < 0) return `There is no signal ${number}: Linux has 1 to 64`;
  return number === 9 ? nameProblem('SIGKILL') : number === 19 ? nameProblem('SIGSTOP') : undefined;
}

function nameProblem(name: string): string | undefined {
  if (/^(?:SIG)?KILL$/.test(name)) return 'SIGKILL ends the program at once: it cannot shut down in order';
  if (/^(?:SIG)?STOP$/.test(name))
    return 'SIGSTOP freezes the program: it is killed when the time to stop is up';
  return undefined;
}
