import type { InstructionFacts, StageFacts } from '../evaluation/types.ts';
import { findOwnDefinitions } from '../instructions/variables.ts';
import type { CheckResult } from '../lint/check.ts';
import { processWord } from '../shell/word.ts';
import type { InstructionNode, Word } from '../syntax/tree.ts';

/** A variable as an instruction sees it. */
export interface VisibleVariable {
  readonly name: string;
  /** Undefined for an ARG without a value. */
  readonly value: string | undefined;
  /** `image` is inherited or set by every build. */
  readonly origin: 'ENV' | 'ARG' | 'image';
  /** Where it is set last; undefined when that is not in the file. */
  readonly definition: Word | undefined;
}

/** The stage that holds an instruction; undefined before the first FROM. */
export function stageOf({ evaluation }: CheckResult, node: InstructionNode): StageFacts | undefined {
  return evaluation.stages.findLast(({ stage }) => stage.from.node.start <= node.start);
}

/** The variables that `node` can use, by name: for a FROM and before it the global arguments. */
export function visibleVariables(result: CheckResult, node: InstructionNode): Map<string, VisibleVariable> {
  const stage = stageOf(result, node);
  if (!stage || node.name === 'FROM') return globalVariables(result, node);
  const chain: StageFacts[] = [];
  for (let one: StageFacts | undefined = stage; one; one = one.base) chain.push(one);
  const variables = new Map<string, VisibleVariable>();
  for (const one of chain.reverse()) addStage(variables, one, one === stage ? node : undefined);
  return variables;
}

/**
 * An instruction on one line with the values of the variables that are set; those of others, quotes and escapes stay.
 * Undefined where it has none or cannot be read.
 */
export function expandLine(result: CheckResult, node: InstructionNode): string | undefined {
  if (!node.source.includes('$')) return undefined;
  const env = new Map<string, string>();
  for (const { name, value } of visibleVariables(result, node).values()) {
    if (value !== undefined) env.set(name, value);
  }
  const { escapeToken } = result.file.tree;
  try {
    return processWord(node.source, {
      env,
      escapeToken,
      rawQuotes: true,
      rawEscapes: true,
      skipUnsetEnv: true,
    }).text;
  } catch {
    return undefined;
  }
}

function globalVariables(
  { file, evaluation }: CheckResult,
  node: InstructionNode,
): Map<string, VisibleVariable> {
  const variables = new Map<string, VisibleVariable>();
  for (const [name, value] of evaluation.globalArgs) {
    variables.set(name, { name, value, origin: 'image', definition: undefined });
  }
  for (const { node: declaring, declarations } of file.globalArgs) {
    if (declaring.start >= node.start) break;
    for (const { key } of declarations) {
      const value = evaluation.globalArgs.get(key.text);
      variables.set(key.text, { name: key.text, value, origin: 'ARG', definition: key });
    }
  }
  addMisplaced(variables, file.tree, node);
  return variables;
}

/** ENV before the first FROM is wrong, but what it means to set is clear while a file is being written. */
function addMisplaced(
  variables: Map<string, VisibleVariable>,
  tree: CheckResult['file']['tree'],
  node: InstructionNode,
): void {
  for (const element of tree.elements) {
    if (element.start >= node.start || (element.kind === 'instruction' && element.name === 'FROM')) return;
    if (element.kind !== 'instruction' || element.name !== 'ENV') continue;
    for (const { name, span, value } of findOwnDefinitions(tree, element)) {
      const definition = element.rest.part(name, span);
      variables.set(name, { name, value: expand(value, variables, tree), origin: 'ENV', definition });
    }
  }
}

/** A value with its quotes and variables resolved; as it is written where that fails. */
function expand(
  value: string | undefined,
  variables: ReadonlyMap<string, VisibleVariable>,
  { escapeToken }: CheckResult['file']['tree'],
): string | undefined {
  if (value === undefined) return undefined;
  const env = new Map<string, string>();
  for (const [name, variable] of variables) if (variable.value !== undefined) env.set(name, variable.value);
  try {
    return processWord(value, { env, escapeToken }).text;
  } catch {
    return value;
  }
}

function addStage(
  variables: Map<string, VisibleVariable>,
  stage: StageFacts,
  until: InstructionNode | undefined,
): void {
  for (const [name, value] of stage.initialEnv) {
    if (variables.has(name)) continue;
    variables.set(name, { name, value, origin: 'image', definition: undefined });
  }
  for (const { instructions } of stage.pages) {
    for (const facts of instructions) {
      if (until && facts.node.start >= until.start) return;
      addVariables(variables, facts);
    }
  }
}

function addVariables(
  variables: Map<string, VisibleVariable>,
  { expanded, instruction, node }: InstructionFacts,
): void {
  const isOwn = node === instruction.node;
  if (expanded.kind === 'ENV') {
    for (const { key, value } of expanded.pairs) {
      const definition = isOwn ? key : undefined;
      variables.set(key.text, { name: key.text, value: value.text, origin: 'ENV', definition });
    }
  } else if (expanded.kind === 'ARG') {
    for (const { key, value } of expanded.declarations) {
      const earlier = variables.get(key.text);
      const definition = isOwn ? key : undefined;
      const text = value?.text ?? earlier?.value;
      variables.set(key.text, { name: key.text, value: text, origin: 'ARG', definition });
    }
  }
}
