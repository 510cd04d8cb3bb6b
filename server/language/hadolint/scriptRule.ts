import type { RunInstruction } from '../instructions/types.ts';
import type { EditorFinding, InstructionRule, InstructionSubject } from '../lint/editorRule.ts';
import type { Fix, TextChange } from '../lint/rule.ts';
import type { ScriptSpan } from '../shell/script.ts';
import { findLine, lineSpan } from '../syntax/position.ts';
import type { Span } from '../syntax/tree.ts';
import { type RunPlace, type RunScript, runScript, scriptPlaces } from './script.ts';

/** What a rule found in the script of a RUN, by its places in the script. */
export interface ScriptFinding {
  readonly at: ScriptSpan;
  readonly message: string;
  readonly fix?: ScriptFix | undefined;
}

export interface ScriptFix extends Pick<Fix, 'title' | 'isGuess'> {
  readonly changes: readonly ScriptChange[];
}

/** Replaces a part, writes something behind it, or has a command run behind it when it succeeded. */
export type ScriptChange =
  | { readonly replace: ScriptSpan; readonly text: string }
  | { readonly after: ScriptSpan; readonly text: string }
  | { readonly behind: ScriptSpan; readonly command: string };

export interface ScriptSubject {
  readonly script: RunScript;
  readonly instruction: RunInstruction;
  readonly subject: InstructionSubject;
}

interface About extends Pick<InstructionRule, 'id' | 'severity' | 'summary' | 'documentation'> {
  /** It leaves RUN behind ONBUILD alone. */
  readonly skipsTriggers?: true;
}

/** A rule that looks at the script of each RUN, also behind ONBUILD. It finds one thing in a script at most. */
export function scriptRule(
  { skipsTriggers, ...about }: About,
  find: (subject: ScriptSubject) => ScriptFinding | undefined,
): InstructionRule {
  return {
    ...about,
    source: 'hadolint',
    scope: 'instruction',
    on: ['RUN'],
    ...(!skipsTriggers && { isForTriggers: true }),
    *check(subject) {
      const { instruction, node, tree } = subject;
      if (instruction.kind !== 'RUN') return;
      const script = runScript({ tree, node });
      const finding = find({ script, instruction, subject });
      if (finding) yield placeFinding(finding, { tree, node });
    },
  };
}

/** The finding by its places in the file. */
export function placeFinding({ at, message, fix }: ScriptFinding, { tree, node }: RunPlace): EditorFinding {
  const place = scriptPlaces({ tree, node });
  const span = place(at);
  // What is written in JSON has other rules for quotes and blanks.
  if (!fix || node.json) return { ...span, message };
  const changes = fix.changes.map(change => toChange(change, { tree, node, place }));
  return { ...span, message, fix: { ...fix, changes } };
}

interface Places extends RunPlace {
  readonly place: (part: ScriptSpan) => Span;
}

function toChange(change: ScriptChange, places: Places): TextChange {
  const { place } = places;
  if ('replace' in change) return { ...place(change.replace), text: change.text };
  const { end } = place('after' in change ? change.after : change.behind);
  const text = 'after' in change ? change.text : andCommand(change.command, end, places);
  return { start: end, end, text };
}

/** `&& command`, on a line of its own where the script has more than one. */
function andCommand(command: string, at: number, { tree, node }: Places): string {
  const line = findLine(tree, at);
  if (line === findLine(tree, node.start)) return ` && ${command}`;
  const { start, end } = lineSpan(tree, line);
  const indent = /^[ \t]*/.exec(tree.text.slice(start, end))?.[0] ?? '';
  const lineEnd = tree.text.slice(lineSpan(tree, line - 1).end, start);
  return ` ${tree.escapeToken}${lineEnd}${indent}&& ${command}`;
}
