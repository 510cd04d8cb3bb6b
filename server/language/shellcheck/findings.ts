import type { Dockerfile } from '../instructions/types.ts';
import type { Severity } from '../lint/editorRule.ts';
import type { RuleFinding } from '../lint/inspector.ts';
import type { Fix, TextChange } from '../lint/rule.ts';
import type { ShellScript } from '../shell/script.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { type ShellcheckInput, shellcheckInputs } from './input.ts';
import type { ShellComment, ShellReplacement } from './output.ts';

/** What ShellCheck has said about an input, the `index`th of its file; undefined as long as nothing is known. */
export type ShellcheckMemory = (input: ShellcheckInput, index: number) => readonly ShellComment[] | undefined;

/** Errors of its parser (SC1…) make a build fail; its other errors are advice. */
function severityOf({ code, level }: ShellComment): Severity {
  return level === 'error' && !code.startsWith('SC1') ? 'warning' : severities[level];
}

const severities: { readonly [level in ShellComment['level']]: Severity } = {
  error: 'error',
  warning: 'warning',
  info: 'information',
  style: 'hint',
};

/** What ShellCheck has said about the scripts of a file, at their places. */
export function shellcheckFindings(file: Dockerfile, memory: ShellcheckMemory): RuleFinding[] {
  const found: RuleFinding[] = [];
  const owners = new Owners(file);
  for (const [index, input] of shellcheckInputs(file).entries()) {
    const comments = memory(input, index);
    if (!comments || comments.length === 0) continue;
    const { script } = input;
    const node = owners.of(script);
    const disabled = disabledCodes(file, node);
    for (const comment of comments) {
      if (!disabled.has(comment.code)) found.push(toFinding(script, node, comment));
    }
  }
  return found;
}

function toFinding(script: ShellScript, node: InstructionNode, comment: ShellComment): RuleFinding {
  const { code, message } = comment;
  const fix = toFix(script, comment);
  return {
    ...script.span(comment),
    rule: { id: code, source: 'shellcheck', severity: severityOf(comment) },
    message,
    node,
    ...(fix && { fix }),
  };
}

/** Quotes change what a script does where somebody counts on words being split, so that all of them are guesses. */
function toFix(script: ShellScript, { code, replacements }: ShellComment): Fix | undefined {
  const changes = replacements.map(one => toChange(script, one));
  if (changes.length === 0 || !changes.every(change => change !== undefined)) return undefined;
  return { title: `Change as ShellCheck proposes (${code})`, isGuess: true, changes };
}

/** Undefined when a continuation is within it: it would be lost, and the comments behind it. */
function toChange(script: ShellScript, { pos, end, text }: ShellReplacement): TextChange | undefined {
  if (end === pos) {
    // Behind a word at the end of a line, not before the first of the next.
    const isBehindWord = pos > 0 && !/\s/.test(script.text[pos - 1] ?? ' ');
    const start = isBehindWord ? script.offset(pos - 1) + 1 : script.offset(pos);
    return { start, end: start, text };
  }
  const [piece, ...others] = script.pieces({ pos, end });
  return piece && others.length === 0 ? { ...piece, text } : undefined;
}

/**
 * `# shellcheck disable=` above an instruction and between its lines. A build drops these comments, so that ShellCheck
 * never sees them; those of heredocs it sees itself.
 */
function disabledCodes({ tree }: Dockerfile, node: InstructionNode): ReadonlySet<string> {
  const comments = [
    ...node.comments,
    ...node.innerComments.map(({ start, end }) => tree.text.slice(start + 1, end)),
  ];
  const codes = comments.flatMap(comment => {
    const list = /^\s*shellcheck\s+(?:.*\s)?disable=(\S+)/.exec(comment)?.[1];
    return list?.split(',').map(code => (code.startsWith('SC') ? code : `SC${code}`)) ?? [];
  });
  return new Set(codes);
}

/** The element that a script is in, which is not its own node behind ONBUILD. Ask in the order of the file. */
class Owners {
  readonly #reads: Dockerfile['reads'];
  #next = 0;

  constructor({ reads }: Dockerfile) {
    this.#reads = reads;
  }

  of({ node }: ShellScript): InstructionNode {
    while ((this.#reads[this.#next + 1]?.node.start ?? Number.POSITIVE_INFINITY) <= node.start) this.#next++;
    return this.#reads[this.#next]?.node ?? node;
  }
}
