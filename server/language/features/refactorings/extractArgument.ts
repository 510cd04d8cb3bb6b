import { forEachChild, type SyntaxNode } from '../../shell/grammar.ts';
import type { ShellScript } from '../../shell/script.ts';
import { shellScripts } from '../../shell/scripts.ts';
import { lineSpan } from '../../syntax/position.ts';
import type { InstructionNode, Span, Tree } from '../../syntax/tree.ts';
import { elementAt } from '../cursor.ts';
import { visibleVariables } from '../environment.ts';
import { lineEnd, type Refactor, type Selection, soundScript } from './refactoring.ts';

/**
 * Makes an ARG of what is selected, or of the version at the cursor. It is declared before the first FROM for a FROM, else
 * before the instruction.
 */
export const extractArgument: Refactor = selection => {
  const { result, node } = selection;
  const { tree } = result.file;
  const span = selection.end > selection.start ? selection : versionAt(tree, selection);
  const value = span && tree.text.slice(span.start, span.end);
  if (!span || !value || !/^[\w./:@+~^*,-]+$/.test(value) || !mayHaveVariable(selection, span))
    return undefined;
  const name = freeName(selection, nameFor(tree.text, { node, span, value }));
  const target = node.name === 'FROM' ? firstFrom(selection) : node;
  const keyword = /[a-z]/.test(node.keyword.text) && !/[A-Z]/.test(node.keyword.text) ? 'arg' : 'ARG';
  const at = lineAbove(tree, target);
  const next = tree.text[span.end] ?? '';
  const use = /\w/.test(next) ? `\${${name}}` : `$${name}`;
  return {
    title: `Extract to ${keyword} ${name}`,
    kind: 'refactor.extract',
    changes: [
      { start: at, end: at, text: `${keyword} ${name}=${value}${lineEnd(tree.text)}` },
      { start: span.start, end: span.end, text: use },
    ],
  };
};

const version = /v?\d+(?:\.\d[\w+~-]*)+|(?<=:)[\w][\w.-]*$/g;

/** Something like `1.2.3` around the cursor, or the tag of an image. */
function versionAt(tree: Tree, { node, start }: Selection): Span | undefined {
  const image = node.name === 'FROM' ? node.args[0] : undefined;
  const isInImage = image && image.start <= start && start <= image.end;
  const from = isInImage ? image.start : wordEdge(tree.text, start, -1);
  const to = isInImage ? image.end : wordEdge(tree.text, start, 1);
  for (const match of tree.text.slice(from, to).matchAll(version)) {
    const found = { start: from + match.index, end: from + match.index + match[0].length };
    if (found.start <= start && start <= found.end) return found;
  }
  return undefined;
}

function wordEdge(text: string, at: number, step: 1 | -1): number {
  let edge = at;
  while (/[\w.+~-]/.test(text[step === 1 ? edge : edge - 1] ?? ' ')) edge += step;
  return edge;
}

const expanding: ReadonlySet<string | undefined> = new Set([
  'ADD',
  'COPY',
  'ENV',
  'EXPOSE',
  'FROM',
  'LABEL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

/** True when a variable in the place of the span would be replaced by its value, in the build. */
function mayHaveVariable({ result, node }: Selection, span: Span): boolean {
  if (node.name === 'RUN') {
    const script = soundScript(node, shellScripts(result.file));
    return script !== undefined && isExpanded(script, span);
  }
  if (!expanding.has(node.name)) return false;
  const platform =
    node.name === 'FROM' ? node.flags.find(({ name }) => name.text === 'platform')?.value : undefined;
  const words =
    node.name === 'FROM'
      ? [node.args[0], platform]
      : node.args.map((word, at) => (node.legacyPair && at === 0 ? undefined : word));
  const word = words.find(one => one && one.start <= span.start && span.end <= one.end);
  if (!word) return false;
  const before = result.file.tree.text.slice(word.start, span.start);
  // A name is none of a value's.
  const isKey = (node.name === 'ENV' || node.name === 'LABEL') && !node.legacyPair && !before.includes('=');
  return !isKey && countOf(before, "'") % 2 === 0;
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** True when the shell replaces variables there: not in single quotes, not in a quoted heredoc, not in the name of something. */
function isExpanded(script: ShellScript, span: Span): boolean {
  const pos = script.locate(span.start);
  const end = script.locate(span.end);
  if (pos === undefined || end === undefined) return false;
  let isPlain = false;
  const visit = (node: SyntaxNode): void => {
    const isAround = node.pos <= pos && end <= node.end;
    if (isAround && node.type === 'Word') isPlain = node.parts === undefined;
    if (isAround && node.type === 'Literal') isPlain = true;
    if (isAround && (node.type === 'SingleQuoted' || node.type === 'AnsiCQuoted')) isPlain = false;
    if (node.type === 'Script' && node.source !== undefined) return;
    forEachChild(node, visit);
  };
  visit(script.tree);
  return isPlain;
}

/** `NODE_VERSION` for `node:20`, `A_VERSION` for `A=1.2`, else `VALUE`. */
function nameFor(
  text: string,
  { node, span, value }: { readonly node: InstructionNode; readonly span: Span; readonly value: string },
): string {
  const image = node.name === 'FROM' ? node.args[0] : undefined;
  if (image && span.start === image.start) return 'BASE_IMAGE';
  const owner = /([\w.-]+?)(?:[:@=]+|[-_]v?|\/v?)$/.exec(
    text.slice(Math.max(span.start - 80, node.start), span.start),
  );
  const isTag = image !== undefined && image.start < span.start && span.end <= image.end;
  const isVersion = /^v?\d/.test(value) || isTag;
  const base = (owner?.[1] ?? '')
    .replace(/\W+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase();
  if (!/^[A-Z]/.test(base)) return isVersion ? 'VERSION' : 'VALUE';
  return isVersion && !base.endsWith('VERSION') ? `${base}_VERSION` : base;
}

function freeName({ result, node }: Selection, wanted: string): string {
  const taken = visibleVariables(result, node);
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
  return name;
}

function firstFrom({ result, node }: Selection): InstructionNode {
  return result.file.stages[0]?.from.node ?? node;
}

/** The start of the instruction's first line, or of the comments directly above it. */
function lineAbove(tree: Tree, node: InstructionNode): number {
  let { line } = node;
  while (line > 0) {
    const { start } = lineSpan(tree, line - 1);
    if (elementAt(tree, start)?.kind !== 'comment') break;
    line--;
  }
  return lineSpan(tree, line).start + (line === 0 && tree.text.startsWith('\uFEFF') ? 1 : 0);
}
