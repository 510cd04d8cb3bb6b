import { instructionDocumentation } from '../instructions/documentation.ts';
import type { CheckResult } from '../lint/check.ts';
import type { Position } from '../syntax/position.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { cursorAt, flagAt, innermost, isInHeredoc } from './cursor.ts';
import { markdown } from './describe.ts';
import { directiveSignature, flagSignature } from './flagSignature.ts';
import { describeParameter } from './parameters.ts';
import type { SignatureHelp, SignatureInformation } from './types.ts';

/** The forms of the instruction, or the flag or directive, at a position, with the part that is being written. */
export function signatureHelp(result: CheckResult, position: Position): SignatureHelp | undefined {
  const { tree } = result.file;
  const { element, offset } = cursorAt(tree, position);
  if (element?.kind === 'directive' || element?.kind === 'comment') {
    const signature = directiveSignature(tree, element, offset);
    return signature && toHelp([signature], 0);
  }
  if (element?.kind !== 'instruction' || isInHeredoc(element, offset)) return undefined;
  const inner = innermost(element, offset);
  const node = inner !== element && offset <= inner.keyword.end ? element : inner;
  if (!node.name || offset <= node.keyword.end) return undefined;
  const flag = flagAt(node, offset);
  if (flag?.value && offset >= flag.value.start) {
    const signature = flagSignature(tree, { node, flag, offset });
    if (signature) return toHelp([signature], 0);
  }
  const { forms } = instructionDocumentation[node.name];
  return toHelp(
    forms.map(form => formSignature(form, node, offset)),
    activeForm(node, forms),
  );
}

function toHelp(signatures: readonly SignatureInformation[], activeSignature: number): SignatureHelp {
  // Clients from before LSP 3.16 know one active parameter only.
  return { signatures, activeSignature, activeParameter: signatures[activeSignature]?.activeParameter ?? 0 };
}

function formSignature(label: string, node: InstructionNode, offset: number): SignatureInformation {
  const name = node.name ?? 'FROM';
  const { summary } = instructionDocumentation[name];
  const parameters = findParameters(label);
  const texts = parameters.map(([start, end]) => label.slice(start, end));
  return {
    label,
    documentation: markdown(summary),
    parameters: parameters.map((place, index) => {
      const text = texts[index] === '...' ? texts[index - 1] : texts[index];
      const documentation = describeParameter(name, text ?? '');
      return { label: place, ...(documentation && { documentation: markdown(documentation) }) };
    }),
    activeParameter: activeParameter(texts, node, offset),
  };
}

function activeParameter(texts: readonly string[], node: InstructionNode, offset: number): number {
  const hasFlags = /^\[(?:flags|--)/.test(texts[0] ?? '');
  const first = hasFlags ? 1 : 0;
  const flag = node.flags.findLast(({ start }) => start <= offset);
  if (flag && offset <= flag.end) return 0;
  const [start] = [...node.flags, ...node.args];
  if (texts[0] === '[flags]' && start && offset < start.start) return 0;
  const words = texts.slice(first);
  const { index, count } = argumentPlace(node, offset);
  const repeating = words.findIndex(word => word.endsWith('...'));
  const behind = repeating < 0 ? 0 : words.length - 1 - repeating;
  if (behind > 0 && index > 0) {
    // What stands last goes to the parameters behind the one that repeats.
    const isLast = index >= count - behind;
    return first + (isLast ? words.length - 1 : Math.min(index, repeating));
  }
  return first + Math.max(Math.min(index, words.length - 1), 0);
}

/** Which argument the offset is in or behind, and how many there are with it. */
function argumentPlace(node: InstructionNode, offset: number): { index: number; count: number } {
  if (node.rest.text.startsWith('[')) return jsonPlace(node, offset);
  const args = node.name === 'HEALTHCHECK' ? node.args.slice(0, 2) : node.args;
  const found = args.findIndex(({ end }) => offset <= end);
  const index = found < 0 ? args.length : found;
  return { index, count: Math.max(args.length, index + 1) };
}

function jsonPlace({ rest }: InstructionNode, offset: number): { index: number; count: number } {
  let isQuoted = false;
  let index = 0;
  let count = 1;
  for (let at = 0; at < rest.text.length; at++) {
    const character = rest.text[at];
    if (character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ',' && !isQuoted) {
      count++;
      if (rest.start + at < offset) index++;
    }
  }
  // Behind a comma there is no member until one is begun.
  const isOpen = /,\s*$/.test(rest.text) && index < count - 1;
  return { index, count: isOpen ? count - 1 : count };
}

function activeForm(node: InstructionNode, forms: readonly string[]): number {
  const first = node.rest.text;
  const matches = (form: string): boolean => {
    if (first.startsWith('[')) return form.includes('["');
    if (first.startsWith('<<')) return form.includes('<<');
    return node.name === 'HEALTHCHECK' && /^none/i.test(first) && form.endsWith('NONE');
  };
  const index = forms.findIndex(matches);
  if (index >= 0) return index;
  const plain = forms.findIndex(form => !form.includes('["'));
  return Math.max(first === '' ? 0 : plain, 0);
}

/** The parts of a form behind the keyword, as offsets in it; of a JSON array its members. */
function findParameters(form: string): [start: number, end: number][] {
  const pattern =
    /"[^"]*"(?:\.\.\.)?|\.\.\.|\[[^\]"]*\](?:\[[^\]]*\])*|[^\s[\]",]+(?:\[[^\]]*\])*(?:\.\.\.)?/g;
  pattern.lastIndex = form.indexOf(' ') + 1;
  const parameters: [number, number][] = [];
  for (let match = pattern.exec(form); match; match = pattern.exec(form)) {
    parameters.push([match.index, match.index + match[0].length]);
  }
  return parameters.length > 0 ? parameters : [[0, form.length]];
}
