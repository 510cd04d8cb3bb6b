import type { CommentElement, DirectiveElement, Element, InstructionNode, Tree } from '../syntax/tree.ts';
import type { LintFinding } from './inspect.ts';
import type { TextChange } from './rule.ts';
import { findRule } from './rules.ts';

/** A comment that switches a finding's rule off. */
export interface Silencing {
  readonly title: string;
  readonly change: TextChange;
}

/**
 * The comments that silence a finding, for its instruction and for the file: those of hadolint for its rules and
 * ShellCheck's, so that both say the same, and BuildKit's for all others. One that is there already is made longer.
 */
export function silencingChanges(tree: Tree, { code, source, node }: LintFinding): Silencing[] {
  const isHadolint = source === 'hadolint' || source === 'shellcheck';
  const verb = isHadolint ? 'Ignore' : 'Skip';
  const inFile = {
    title: `${verb} ${code} in this Dockerfile`,
    change: isHadolint ? ignoreInFile(tree, code) : skipInFile(tree, code),
  };
  if (!node || findRule(code)?.isSkippedAbove === false) return [inFile];
  const kind = isHadolint ? ignore : skip;
  return [
    { title: `${verb} ${code} for this instruction`, change: addAbove(tree, node, { ...kind, code }) },
    inFile,
  ];
}

interface Pragma {
  readonly start: string;
  /** Matches such a comment up to the end of its list. */
  readonly pattern: RegExp;
}

const skip: Pragma = { start: '# check=skip=', pattern: /^#\s*check\s*=\s*(?:[^;\s]*;)*skip=[^;\s]*/i };
const ignore: Pragma = {
  start: '# hadolint ignore=',
  pattern: /^#\s*hadolint\s+ignore\s*=\s*\w+(?:\s*,\s*\w+)*/,
};
const ignoreGlobally: Pragma = {
  start: '# hadolint global ignore=',
  pattern: /^#\s*hadolint\s+global\s+ignore\s*=\s*\w+(?:\s*,\s*\w+)*/,
};

function addAbove(
  tree: Tree,
  node: InstructionNode,
  { start, pattern, code }: Pragma & { readonly code: string },
): TextChange {
  const index = tree.elements.findIndex(({ line }) => line === node.line);
  const comments = commentsAbove(tree.elements, index);
  // hadolint's counts on the next line only.
  const above = start === ignore.start ? comments.slice(-1) : comments;
  const longer = extend(tree, above, { pattern, code });
  if (longer) return longer;
  const at = node.line === 0 ? startOfText(tree) : (tree.lineStarts[node.line] ?? 0);
  // At the top of the file it would be a directive for all of it: an empty comment ends the directives.
  const isTop = tree.elements.slice(0, index).every(({ kind }) => kind === 'directive');
  const end = isTop && start === skip.start ? '#\n' : '';
  return { start: at, end: at, text: `${end}${start}${code}\n` };
}

function ignoreInFile(tree: Tree, code: string): TextChange {
  const { start, pattern } = ignoreGlobally;
  const longer = extend(tree, tree.elements.filter(isComment), { pattern, code });
  return longer ?? { ...behindDirectives(tree), text: `${start}${code}\n` };
}

function skipInFile(tree: Tree, code: string): TextChange {
  const check = tree.elements.filter(isDirective).find(({ name }) => name.text === 'check');
  if (!check) return { ...behindDirectives(tree), text: `${skip.start}${code}\n` };
  const list = /(?:^|;)\s*skip=[^; ]*/.exec(check.value.text);
  const at = list ? check.value.start + list.index + list[0].length : check.value.end;
  return { start: at, end: at, text: list ? `,${code}` : `;skip=${code}` };
}

/** Adds a name to the list of the first comment that has one. */
function extend(
  tree: Tree,
  comments: readonly CommentElement[],
  { pattern, code }: { readonly pattern: RegExp; readonly code: string },
): TextChange | undefined {
  for (const { start, end } of comments) {
    const list = pattern.exec(tree.text.slice(start, end))?.[0];
    if (list !== undefined) return { start: start + list.length, end: start + list.length, text: `,${code}` };
  }
  return undefined;
}

/** Those that belong to an instruction, from the top. */
function commentsAbove(elements: readonly Element[], index: number): CommentElement[] {
  const comments: CommentElement[] = [];
  for (let at = index - 1; at >= 0; at--) {
    const element = elements[at];
    if (!element || !isComment(element)) break;
    comments.unshift(element);
  }
  return comments;
}

function behindDirectives(tree: Tree): { readonly start: number; readonly end: number } {
  const last = tree.elements.findLast(isDirective);
  const at = last ? (tree.lineStarts[last.line + 1] ?? tree.text.length) : startOfText(tree);
  return { start: at, end: at };
}

function isDirective(element: Element): element is DirectiveElement {
  return element.kind === 'directive';
}

function isComment(element: Element): element is CommentElement {
  return element.kind === 'comment';
}

function startOfText(tree: Tree): number {
  return tree.text.startsWith('\uFEFF') ? 1 : 0;
}
