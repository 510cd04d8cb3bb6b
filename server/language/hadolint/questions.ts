import type { Command } from './command.ts';
import type { RunScript } from './script.ts';
import type { ScriptFinding } from './scriptRule.ts';
import { missingSwitch } from './switches.ts';

/** What a package manager wants to be told before it acts. */
export interface Question {
  readonly programs: readonly string[];
  /** The words that make it ask. */
  readonly actions: readonly string[];
  /** A command that answers beforehand. */
  readonly isAnswered: (command: Command) => boolean;
  /** The switch that answers; where it stands matters to some. */
  readonly answer: string;
  readonly behind: 'program' | 'action';
}

/** The finding about commands that wait for an answer, which nobody gives in a build; undefined when none does. */
export function unanswered({ commands }: RunScript, question: Question): ScriptFinding | undefined {
  const { programs, actions, isAnswered, answer, behind } = question;
  const asking = commands.filter(
    command => programs.includes(command.name) && command.has(...actions) && !isAnswered(command),
  );
  const message = `${asking[0]?.name} asks before it acts, and nobody answers: add ${answer}`;
  return missingSwitch(asking, {
    text: answer,
    message,
    ...(behind === 'action' && { behind: command => command.find(...actions) }),
  });
}
