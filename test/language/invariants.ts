import assert from 'node:assert/strict';
import { codeActions } from '../../server/language/features/codeActions.ts';
import { completion } from '../../server/language/features/completion.ts';
import { diagnostics } from '../../server/language/features/diagnostics.ts';
import { contextLinks, documentLinks } from '../../server/language/features/documentLinks.ts';
import { documentSymbols } from '../../server/language/features/documentSymbols.ts';
import { foldingRanges } from '../../server/language/features/folding.ts';
import { formatting } from '../../server/language/features/formatting.ts';
import { hover } from '../../server/language/features/hover.ts';
import { inlayHints } from '../../server/language/features/inlayHints.ts';
import { linkedEditingRanges } from '../../server/language/features/linkedEditing.ts';
import { definition, highlights, references, rename } from '../../server/language/features/navigation.ts';
import { formatOnType, onTypeTriggers } from '../../server/language/features/onType.ts';
import { type SelectionRange, selectionRanges } from '../../server/language/features/selectionRanges.ts';
import { semanticTokens } from '../../server/language/features/semanticTokens.ts';
import { signatureHelp } from '../../server/language/features/signatureHelp.ts';
import { namedSymbols } from '../../server/language/features/workspaceSymbols.ts';
import { type CheckResult, check } from '../../server/language/lint/check.ts';
import { editorRules } from '../../server/language/lint/editorRules.ts';
import { inspect } from '../../server/language/lint/inspect.ts';
import { Inspector } from '../../server/language/lint/inspector.ts';
import { shellCommands } from '../../server/language/shell/commands.ts';
import { shellScripts } from '../../server/language/shell/scripts.ts';
import {
  lineSpan,
  type Position,
  type Range,
  toOffset,
  toPosition,
} from '../../server/language/syntax/position.ts';
import type { InstructionNode, Span, Tree } from '../../server/language/syntax/tree.ts';
import { inspected } from './inspected.ts';
import { applyEdits } from './marked.ts';
import { said } from './said.ts';

/**
 * What holds for every text, however broken: nothing throws, the lines of the tree are the file, everything is where
 * the file is, formatting changes nothing that a build sees. `at` is where the features are asked.
 */
export function checkInvariants(text: string, at: number): void {
  const result = check(text);
  checkTree(result.file.tree);
  for (const problem of [...result.problems, ...result.warnings]) checkSpan(result.file.tree, problem);
  checkScripts(result);
  checkFeatures(result, at);
  checkFormatting(result);
}

/** A check that takes over from one of the text before a change says what a check from nothing says, rules included. */
export function checkIncremental(before: string, after: string): void {
  const inspector = new Inspector({ rules: editorRules });
  const previous = check(before);
  inspect(previous, inspector, {});
  const result = check(after, { previous });
  const fresh = check(after);
  assert.deepEqual(said(result), said(fresh), 'a change is checked as a whole');
  const found = diagnostics(inspect(result, inspector, {}));
  assert.deepEqual(found, diagnostics(inspected(fresh)), 'its findings are those of the whole');
}

function checkTree(tree: Tree): void {
  let line = 0;
  for (const element of tree.elements) {
    assert.equal(element.line, line, 'lines follow each other');
    assert.ok(element.endLine >= element.line, 'an element has lines');
    line = element.endLine + 1;
    checkSpan(tree, element);
    if (element.kind === 'instruction') checkNode(tree, element);
  }
  assert.equal(line, tree.lineStarts.length, 'all lines are there');
}

function checkScripts({ file }: CheckResult): void {
  const { text } = file.tree;
  for (const script of shellScripts(file)) {
    // Behind a heredoc's line a build puts a line end of its own, and its name where none ends it.
    const added = script.isHeredoc ? -1 : script.text.indexOf('\n');
    const written = added < 0 ? script.text.length : added;
    for (let at = 0; at < written; at++) {
      const offset = script.offset(at);
      assert.equal(text[offset], script.text[at], 'a script is in the file');
      assert.equal(script.locate(offset), at, 'places lead back');
    }
    for (const { pos, end } of shellCommands(script.tree)) {
      assert.ok(pos >= 0 && pos <= end && end <= script.text.length, 'commands are in their script');
      checkSpan(file.tree, script.span({ pos, end }));
    }
  }
}

function checkNode(tree: Tree, node: InstructionNode, owner = node): void {
  const words = [node.keyword, node.rest, ...node.args, ...node.flags, ...node.innerComments];
  const bodies = node.heredocs.flatMap(({ marker, body, terminator }) => [
    marker,
    body,
    terminator ?? marker,
  ]);
  for (const span of [...words, ...bodies]) {
    checkSpan(tree, span);
    const first = tree.lineStarts[node.line] ?? 0;
    assert.ok(span.start >= first && span.end <= endOf(tree, owner), 'parts are on its lines');
  }
  if (node.trigger) checkNode(tree, node.trigger, owner);
}

function endOf(tree: Tree, node: InstructionNode): number {
  return tree.lineStarts[node.endLine + 1] ?? tree.text.length;
}

function checkSpan({ text }: Tree, { start, end }: Span): void {
  assert.ok(start >= 0 && start <= end && end <= text.length, `${start}..${end} in ${text.length}`);
}

function checkRange(tree: Tree, range: Range): void {
  for (const position of [range.start, range.end]) checkPosition(tree, position);
  const [start, end] = [toOffset(tree, range.start), toOffset(tree, range.end)];
  assert.ok(start <= end, 'a range goes forward');
}

function checkPosition(tree: Tree, position: Position): void {
  assert.ok(position.line >= 0 && position.line < tree.lineStarts.length, 'the line exists');
  const length =
    (tree.lineStarts[position.line + 1] ?? tree.text.length + 1) - (tree.lineStarts[position.line] ?? 0);
  assert.ok(position.character >= 0 && position.character <= length, 'the character exists');
}

function checkFeatures(result: CheckResult, offset: number): void {
  const { tree } = result.file;
  const position = toPosition(tree, offset);
  const inspection = inspected(result);
  const ranges = [
    ...diagnostics(inspection).map(({ range }) => range),
    ...completion(result, position).items.map(({ textEdit }) => textEdit.range),
    ...documentSymbols(result).flatMap(({ range, selectionRange }) => [range, selectionRange]),
    ...references(result, position, { includeDeclaration: true }),
    ...highlights(result, position).map(({ range }) => range),
    ...documentLinks(result).map(({ range }) => range),
    ...contextLinks(result).map(({ range }) => range),
    ...namedSymbols(result).map(({ range }) => range),
    ...(linkedEditingRanges(result, position)?.ranges ?? []),
    hover(result, position)?.range,
    definition(result, position),
  ];
  for (const range of ranges) if (range) checkRange(tree, range);
  const renamed = rename(result, position, 'name');
  if (renamed.problem === undefined) applyEdits(tree.text, renamed.edits);
  for (const { startLine, endLine } of foldingRanges(result))
    assert.ok(startLine <= endLine, 'folds go forward');
  for (const { edits } of codeActions(inspection, { start: position, end: position }))
    applyEdits(tree.text, edits);
  for (const { range, parent } of nested(selectionRanges(result, [position])[0])) {
    checkRange(tree, range);
    const isIn = parent && toOffset(tree, parent.range.start) <= toOffset(tree, range.start);
    assert.ok(parent === undefined || isIn, 'selections grow');
  }
  checkSignatures(result, position);
  const all = { start: toPosition(tree, 0), end: toPosition(tree, tree.text.length) };
  for (const hint of inlayHints(result, all)) checkPosition(tree, hint.position);
  for (const character of onTypeTriggers) {
    const options = { tabSize: 2, insertSpaces: true };
    applyEdits(tree.text, formatOnType(result, { position, character, options }));
  }
  checkRangeFormatting(result, position);
  checkTokens(tree, semanticTokens(result));
}

function checkSignatures(result: CheckResult, position: Position): void {
  const help = signatureHelp(result, position);
  for (const { label, parameters } of help?.signatures ?? []) {
    for (const { label: place } of parameters) {
      assert.ok(place[0] < place[1] && place[1] <= label.length, 'a parameter is in its label');
    }
  }
  if (help) assert.ok(help.activeSignature < help.signatures.length, 'a signature is active');
}

/** Formatting the lines of a range keeps the meaning too, and touches no other line. */
function checkRangeFormatting(result: CheckResult, position: Position): void {
  const { text } = result.file.tree;
  const range = { start: position, end: { line: position.line + 1, character: 1 } };
  const edits = formatting(result, range);
  for (const edit of edits) {
    assert.ok(
      edit.range.start.line >= range.start.line && edit.range.end.line <= range.end.line + 1,
      'in the range',
    );
  }
  const formatted = applyEdits(text, edits);
  if (formatted !== text)
    assert.deepEqual(meaning(check(formatted)), meaning(result), 'a range keeps the meaning');
}

function* nested(range: SelectionRange | undefined): Generator<SelectionRange> {
  for (let at = range; at; at = at.parent) yield at;
}

function checkTokens(tree: Tree, data: readonly number[]): void {
  let line = 0;
  let character = 0;
  let end = 0;
  for (let at = 0; at < data.length; at += 5) {
    const [lines = 0, characters = 0, length = 0] = data.slice(at);
    if (lines > 0) end = 0;
    character = lines > 0 ? characters : character + characters;
    line += lines;
    assert.ok(length > 0 && character >= end, 'tokens follow each other');
    end = character + length;
    const span = lineSpan(tree, line);
    assert.ok(end <= span.end - span.start, 'tokens are on one line');
  }
}

function checkFormatting(result: CheckResult): void {
  const { text } = result.file.tree;
  const formatted = applyEdits(text, formatting(result));
  if (formatted === text) return;
  const again = check(formatted);
  assert.deepEqual(meaning(again), meaning(result), 'formatting keeps the meaning');
  assert.equal(applyEdits(formatted, formatting(again)), formatted, 'formatting twice is formatting once');
}

function meaning({ file }: CheckResult): unknown[] {
  return file.tree.elements.flatMap(element => {
    if (element.kind === 'directive') return [[element.name.text, element.value.text]];
    if (element.kind !== 'instruction') return [];
    return [partsOf(element)];
  });
}

function partsOf(node: InstructionNode): unknown[] {
  return [
    node.keyword.text,
    node.flags.map(({ text }) => text),
    node.args.map(({ text }) => text),
    node.heredocs.map(({ name, content }) => [name, content]),
    node.trigger ? partsOf(node.trigger) : [],
  ];
}
