import { instructionDocumentation } from '../instructions/documentation.ts';
import type { CheckResult } from '../lint/check.ts';
import type { Position } from '../syntax/position.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { cursorAt, innermost, isInHeredoc } from './cursor.ts';
import { markdown } from './describe.ts';
import type { SignatureHelp } from './types.ts';

/** The forms of the instruction at a position, with the part that is being written. */
export function signatureHelp(result: CheckResult, position: Position): SignatureHelp | undefined {
  const { element, offset } = cursorAt(result.file.tree, position);
  if (element?.kind !== 'instruction' || isInHeredoc(element, offset)) return undefined;
  const inner = innermost(element, offset);
  const node = inner !== element && offset <= inner.keyword.end ? element : inner;
  if (!node.name || offset <= node.keyword.end) return undefined;
  const { forms, summary } = instructionDocumentation[node.name];
  const index = argumentIndex(node, offset);
  const signatures = forms.map(label => {
    const parameters = findParameters(label);
    const shift = parameters[1] && /^\[(?:flags|--)/.test(label.slice(...parameters[0].label)) ? 1 : 0;
    const isFlag = index < 0;
    const active = isFlag ? 0 : Math.min(index + shift, parameters.length - 1);
    return { label, documentation: markdown(summary), parameters, activeParameter: Math.max(active, 0) };
  });
  return { signatures, activeSignature: activeForm(node, forms) };
}

/** Which argument the offset is in or behind; -1 in the flags. */
function argumentIndex(node: InstructionNode, offset: number): number {
  const flag = node.flags.findLast(({ start }) => start <= offset);
  if (flag && offset <= flag.end) return -1;
  const index = node.args.findIndex(({ end }) => offset <= end);
  return index < 0 ? node.args.length : index;
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

/** The parts of a form behind the keyword, as offsets in it. */
function findParameters(form: string): [{ label: [number, number] }, ...{ label: [number, number] }[]] {
  const parameters: { label: [number, number] }[] = [];
  const keywordEnd = form.indexOf(' ') + 1;
  const pattern = /\["[^\]]*\]|\[[^\]]*\](?:\[[^\]]*\])*|[^\s[\]]+(?:\[[^\]]*\])*(?:\.\.\.)?/g;
  pattern.lastIndex = keywordEnd;
  for (let match = pattern.exec(form); match; match = pattern.exec(form)) {
    parameters.push({ label: [match.index, match.index + match[0].length] });
  }
  const [first = { label: [0, form.length] }, ...rest] = parameters;
  return [first as { label: [number, number] }, ...rest];
}
