import type { Dockerfile } from '../instructions/types.ts';
import type { Severity } from '../lint/editorRule.ts';
import type { Fix, TextChange } from '../lint/rule.ts';
import { PlacedRuleFinding, type RuleFinding } from '../lint/ruleFinding.ts';
import type { ShellScript } from '../shell/script.ts';
import { readNodeScript } from '../shell/scripts.ts';
import { PageMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { type PageInputs, type ShellcheckInput, shellcheckPages } from './input.ts';
import type { ShellComment, ShellReplacement } from './output.ts';

/** What ShellCheck has said so far. */
export interface ShellcheckMemory {
  /** Another one whenever it may say something else. */
  readonly version: unknown;
  /** About an input, the `index`th of its file; undefined as long as nothing is known. */
  readonly comments: (input: ShellcheckInput, index: number) => readonly ShellComment[] | undefined;
}

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
export function shellcheckFindings(file: Dockerfile, memory: ShellcheckMemory): readonly RuleFinding[] {
  const found: RuleFinding[] = [];
  let index = 0;
  for (const page of shellcheckPages(file)) {
    const findings = findInPage(file, page, { memory, index });
    if (findings.length > 0) found.push(...findings);
    index += page.inputs.length;
  }
  return found;
}

/** What was found in a page, and what it depends on. */
interface FoundInPage {
  readonly version: unknown;
  readonly index: number;
  readonly findings: readonly RuleFinding[];
}

const foundOf = new PageMemo<FoundInPage>();

function findInPage(
  file: Dockerfile,
  page: PageInputs,
  { memory, index }: { readonly memory: ShellcheckMemory; readonly index: number },
): readonly RuleFinding[] {
  const { version } = memory;
  const known = foundOf.get(page);
  if (known && known.version === version && known.index === index) return known.findings;
  const findings = page.inputs.flatMap((input, at) => {
    const comments = memory.comments(input, index + at);
    return comments && comments.length > 0 ? toFindings(file, input, comments) : [];
  });
  foundOf.set(page, { version, index, findings });
  return findings;
}

function toFindings(
  file: Dockerfile,
  { owner, interpreter }: ShellcheckInput,
  comments: readonly ShellComment[],
): RuleFinding[] {
  const script = readNodeScript(file.tree, owner, interpreter);
  if (!script) return [];
  const disabled = disabledCodes(file, owner);
  return comments.filter(({ code }) => !disabled.has(code)).map(comment => toFinding(script, owner, comment));
}

function toFinding(script: ShellScript, node: InstructionNode, comment: ShellComment): RuleFinding {
  const { code, message } = comment;
  const fix = toFix(script, comment);
  const rule = { id: code, source: 'shellcheck', severity: severityOf(comment) } as const;
  return new PlacedRuleFinding(rule, { ...script.span(comment), message, node, ...(fix && { fix }) });
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
