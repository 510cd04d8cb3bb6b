import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Position, Range } from '../../../server/language/syntax/position.ts';

/** One recorded answer of dockerfile-language-service. */
export interface Recorded {
  readonly title: string;
  readonly args: readonly unknown[];
  readonly capabilities: unknown;
  readonly result: unknown;
}

/** The judgement of one answer: `same` or better, a class of {@link differences}, or what is worse in words. */
export type Verdict = 'same' | { readonly differs: DifferenceClass } | { readonly worse: string };

/** Why an answer is another one on purpose. */
export const differences = {
  'line-ends': 'a lone carriage return ends no line for a build',
  'no-such-place': 'the position does not exist in the text',
  'better-range': 'the range is that of the name alone',
  'more-places': 'all the places that the incumbent has, and those that it misses',
  refused: 'a build would refuse what the incumbent offers',
  'json-form': 'what begins with a bracket is shown in the JSON form',
  'nearest-definition': 'the definition that gives the value here, not the first of the file',
  'build-value': 'the value that a build would use: an ARG behind an ENV counts',
  'own-stage': 'a name that is given twice stands for two stages',
  'quoted-text': 'in single quotes `$name` is text that a build and its shell leave alone',
  'not-set-here':
    "a variable that the file does not set here is the image's or the shell's own, and is not renamed",
  'no-directive': 'a comment that is no parser directive',
  'kept-indentation': 'indentation that is there already is kept',
  'kept-meaning': 'the edit of the incumbent changes what a build sees',
  'own-setting': 'depends on a setting of the incumbent',
} as const;

export type DifferenceClass = keyof typeof differences;

/** The recorded answers of one method. */
export function readRecords(folder: string, method: string): Recorded[] {
  return readFileSync(join(folder, `${method}.jsonl`), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Recorded);
}

export function worse(reason: string): Verdict {
  return { worse: reason };
}

export function differs(difference: DifferenceClass): Verdict {
  return { differs: difference };
}

/** `2:4-9`, for comparing and for showing. */
export function place({ start, end }: Range): string {
  const last = end.line === start.line ? '' : `${end.line}:`;
  return `${start.line}:${start.character}-${last}${end.character}`;
}

export function isSamePosition(left: Position, right: Position): boolean {
  return left.line === right.line && left.character === right.character;
}

/** True when the text has a carriage return that is no part of a line end. */
export function hasLoneReturn(text: string): boolean {
  return /\r(?!\n)/.test(text);
}
