import {
  directiveDocumentation,
  mountKeyDocumentation,
  mountTypeDocumentation,
} from '../instructions/documentation.ts';
import { mountKeys } from '../instructions/mount.ts';
import { sourceWords } from '../instructions/stageWords.ts';
import { findOwnDefinitions, quotedVariableAt, variableAt } from '../instructions/variables.ts';
import type { CheckResult } from '../lint/check.ts';
import { findRule } from '../lint/rules.ts';
import { findLine, type Position, toRange } from '../syntax/position.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import { cursorAt, flagAt, innermost, mountAt } from './cursor.ts';
import { codeBlock, describeInstruction, findFlagDocumentation, inlineCode, markdown } from './describe.ts';
import { describeReference } from './describeImage.ts';
import { expandLine, visibleVariables } from './environment.ts';
import type { FeatureSources } from './sources.ts';
import { findStageUses, resolveStage } from './stages.ts';
import type { Hover } from './types.ts';

type Description = { readonly span: Span; readonly text: string } | undefined;

/** What stands at a position, explained, with what `sources` know about images. */
export function hover(
  result: CheckResult,
  position: Position,
  sources: FeatureSources = {},
): Hover | undefined {
  const { tree } = result.file;
  const { element, offset, word } = cursorAt(tree, position);
  const described =
    element?.kind === 'instruction'
      ? describeIn(result, innermost(element, offset), { offset, outer: element, sources })
      : element?.kind === 'directive' || element?.kind === 'comment'
        ? describeComment(result, offset, word)
        : undefined;
  return described && { range: toRange(tree, described.span), contents: markdown(described.text) };
}

function describeIn(
  result: CheckResult,
  node: InstructionNode,
  at: { readonly offset: number; readonly outer: InstructionNode; readonly sources: FeatureSources },
): Description {
  const { offset } = at;
  if (offset <= node.keyword.end && offset >= node.keyword.start && node.name) {
    const text = [describeInstruction(node.name), ...describeExpanded(result, node)].join('\n\n');
    return { span: node.keyword, text };
  }
  return (
    describeVariable(result, at.outer, offset) ??
    describeStage(result, offset) ??
    describeImage(result, node, at) ??
    describeFlag(result, node, offset) ??
    describeHeredoc(at.outer, offset) ??
    describeQuoted(result, at.outer, offset)
  );
}

function describeVariable(result: CheckResult, node: InstructionNode, offset: number): Description {
  const { tree } = result.file;
  const own = findOwnDefinitions(tree, node).find(({ span }) => span.start <= offset && offset <= span.end);
  const use = own ?? variableAt(tree, node, offset);
  if (!use) return undefined;
  const variable = visibleVariables(result, own ? nodeAfter(node) : node).get(use.name);
  if (!variable) {
    const isShell = node.name === 'RUN' || node.name === 'CMD' || node.name === 'ENTRYPOINT';
    const text = `${inlineCode(use.name)} is ${isShell ? "the shell's own or " : ''}not set here.`;
    return { span: use.span, text };
  }
  const { origin, value, definition } = variable;
  const where = definition ? `line ${findLine(tree, definition.start) + 1}` : 'the base image or the build';
  const shown = value === undefined ? 'without a value' : `= ${inlineCode(value)}`;
  return {
    span: use.span,
    text: `${inlineCode(use.name)} ${shown}\n\nSet by ${origin === 'image' ? where : `${origin} in ${where}`}.`,
  };
}

/** `'$name'`: said because it is easy to overlook. */
function describeQuoted(result: CheckResult, node: InstructionNode, offset: number): Description {
  const use = quotedVariableAt(result.file.tree, node, offset);
  const variable = use && visibleVariables(result, node).get(use.name);
  if (!use || !variable) return undefined;
  const value = variable.value === undefined ? '' : `\n\nThe variable is ${inlineCode(variable.value)} here.`;
  return {
    span: use.span,
    text: `${inlineCode(`$${use.name}`)} in single quotes stays as it is written.${value}`,
  };
}

/** Sees what the instruction itself sets. */
function nodeAfter(node: InstructionNode): InstructionNode {
  return node.with({ start: node.start + 1 });
}

function describeStage(result: CheckResult, offset: number): Description {
  const use = findStageUses(result.file).find(({ span }) => span.start <= offset && offset <= span.end);
  if (!use) return undefined;
  const { stage } = use;
  const facts = result.evaluation.stages[stage.index];
  const image = facts?.image?.text ?? stage.from.image.text;
  const root = facts && resolveStage(facts);
  const base = root && root !== image ? `, which comes from ${inlineCode(root)}` : '';
  const line = stage.from.node.line + 1;
  const text = `${codeBlock(stage.from.node.source)}\n\nStage ${stage.index} from ${inlineCode(image)}${base}, line ${line}.`;
  const comments = stage.from.node.comments.length > 0 ? `\n\n${stage.from.node.comments.join('\n')}` : '';
  return { span: use.span, text: text + comments };
}

function describeFlag(result: CheckResult, node: InstructionNode, offset: number): Description {
  const flag = flagAt(node, offset);
  if (!flag) return undefined;
  const mount = mountAt(result.file.tree, flag, offset);
  if (mount) {
    const isType = mount.value && offset >= mount.value.start && mount.key.text.toLowerCase() === 'type';
    const type = mount.value?.text.toLowerCase() ?? '';
    if (isType && Object.hasOwn(mountTypeDocumentation, type)) {
      return { span: mount.value, text: mountTypeDocumentation[type] ?? '' };
    }
    const key = mountKeys.get(mount.key.text.toLowerCase());
    const documentation = key === undefined ? undefined : mountKeyDocumentation[key];
    if (documentation) return { span: mount.key, text: documentation.summary };
  }
  const documentation = findFlagDocumentation(node.name, flag.name.text);
  const span = { start: flag.start, end: flag.name.end };
  return documentation && { span, text: `\`--${flag.name.text}\`: ${documentation.summary}` };
}

/** The line as a build or its shell will see it, when that is another one. */
function describeExpanded(result: CheckResult, node: InstructionNode): string[] {
  const expanded = expandLine(result, node);
  return expanded === undefined || expanded === node.source ? [] : ['Here:', codeBlock(expanded)];
}

/** An image of FROM, `--from` or a mount that is no stage. */
function describeImage(
  result: CheckResult,
  node: InstructionNode,
  { offset, sources }: { readonly offset: number; readonly sources: FeatureSources },
): Description {
  const words = node.name === 'FROM' ? node.args.slice(0, 1) : [...sourceWords(node)];
  const word = words.find(({ start, end }) => start <= offset && offset <= end);
  if (!word) return undefined;
  if (word.text === 'scratch') return { span: word, text: 'The empty image: nothing is in it.' };
  const facts = result.evaluation.stages.find(({ stage }) => stage.from.node.start === node.start);
  return { span: word, text: describeReference(facts?.image?.text ?? word.text, sources.images?.() ?? []) };
}

function describeHeredoc(node: InstructionNode, offset: number): Description {
  const heredoc = node.heredocs.find(({ marker }) => marker.start <= offset && offset <= marker.end);
  if (!heredoc) return undefined;
  const expands = heredoc.expand ? 'variables are replaced' : 'everything stays as it is written';
  const tabs = heredoc.chomp ? ', leading tabs are dropped' : '';
  return { span: heredoc.marker, text: `The lines up to ${inlineCode(heredoc.name)}: ${expands}${tabs}.` };
}

function describeComment(result: CheckResult, offset: number, word: Span): Description {
  const { text, elements } = result.file.tree;
  const directive = elements.find(
    ({ kind, start, end }) => kind === 'directive' && start <= offset && offset <= end,
  );
  if (directive?.kind === 'directive' && offset <= directive.name.end) {
    return { span: directive.name, text: directiveDocumentation[directive.name.text] ?? '' };
  }
  let start = offset;
  while (start > word.start && /\w/.test(text[start - 1] ?? '')) start--;
  let end = offset;
  while (end < word.end && /\w/.test(text[end] ?? '')) end++;
  const rule = findRule(text.slice(start, end));
  return rule && { span: { start, end }, text: `**${rule.name}**: ${rule.summary}\n\n${rule.documentation}` };
}
