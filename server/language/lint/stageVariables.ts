import type { PageFacts, StageFacts } from '../evaluation/types.ts';
import type { Instruction } from '../instructions/types.ts';
import { findVariableUses, type SourceText } from '../instructions/variables.ts';
import { NodeMemo, PageMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';

/** A place where an instruction uses a variable. */
export interface StageUse {
  readonly name: string;
  /** Of the name alone. */
  readonly span: Span;
  readonly instruction: Instruction;
  /** Names that ARG and ENV set, before or behind, in the stage and in those that it is built on. */
  readonly declared: ReadonlySet<string>;
}

export interface StageVariables {
  /** Uses of what no instruction has set before. The base image, or a program, may have set it. */
  readonly unset: readonly StageUse[];
  /** Uses of an ARG, which no ENV sets, in what runs when the build is long over. */
  readonly atRunTime: readonly StageUse[];
}

const known = new WeakMap<StageFacts, StageVariables>();

/** How the instructions of a stage use variables, also in the shell commands of RUN. */
export function stageVariables(facts: StageFacts, source: SourceText): StageVariables {
  const found = known.get(facts) ?? findStageVariables(facts, source);
  known.set(facts, found);
  return found;
}

function findStageVariables(facts: StageFacts, source: SourceText): StageVariables {
  const scope = scopeAtStart(facts, source);
  const declared = new Set([...scope.args, ...scope.env]);
  const unset: StageUse[] = [];
  const atRunTime: StageUse[] = [];
  for (const page of facts.pages) {
    const variables = variablesOf(page, source);
    for (const { use, instruction, isSetHere, isEnvHere } of variables.open) {
      const isSet = isSetHere || declared.has(use.name);
      if (isSet && (!runsLater(instruction) || isEnvHere || scope.env.has(use.name))) continue;
      (isSet ? atRunTime : unset).push({ ...moveUse(use, instruction.node.start), instruction, declared });
    }
    addNames(scope, variables);
    for (const name of variables.args) declared.add(name);
    for (const name of variables.env) declared.add(name);
  }
  return { unset, atRunTime };
}

/** How the instructions of a page use variables, as far as the page alone can tell. */
interface PageVariables {
  /** Uses of what may not be set. */
  readonly open: readonly OpenUse[];
  /** Names that ARG sets. */
  readonly args: ReadonlySet<string>;
  /** Names that ENV sets. */
  readonly env: ReadonlySet<string>;
}

interface OpenUse {
  readonly use: Use;
  readonly instruction: Instruction;
  /** An instruction of the page has set it before. */
  readonly isSetHere: boolean;
  /** An ENV of the page has set it before. */
  readonly isEnvHere: boolean;
}

const ofPages = new PageMemo<PageVariables>();

function variablesOf(page: PageFacts, source: SourceText): PageVariables {
  let variables = ofPages.get(page);
  if (!variables) {
    variables = findPageVariables(page, source);
    ofPages.set(page, variables);
  }
  return variables;
}

function findPageVariables({ instructions }: PageFacts, source: SourceText): PageVariables {
  const open: OpenUse[] = [];
  const args = new Set<string>();
  const env = new Set<string>();
  for (const { instruction, node } of instructions) {
    const own = instruction.kind === 'ARG' ? declaredNames(instruction) : noNames;
    for (const use of node === instruction.node ? usesOf(source, instruction) : none) {
      const isEnvHere = env.has(use.name);
      const isSetHere = isEnvHere || args.has(use.name);
      if (own.includes(use.name) || (isSetHere && (isEnvHere || !runsLater(instruction)))) continue;
      open.push({ use, instruction, isSetHere, isEnvHere });
    }
    const names = instruction.kind === 'ENV' ? env : args;
    for (const name of declaredNames(instruction)) names.add(name);
  }
  return { open, args, env };
}

/** Names that an ENV or ARG sets. */
export function declaredNames(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'ENV') return instruction.pairs.map(({ key }) => key.text);
  return instruction.kind === 'ARG' ? instruction.declarations.map(({ key }) => key.text) : noNames;
}

const noNames: readonly string[] = [];

function scopeAtStart({ base, initialEnv }: StageFacts, source: SourceText) {
  const scope = { args: new Set<string>(), env: new Set<string>(base ? [] : initialEnv.keys()) };
  for (let facts = base; facts; facts = facts.base) {
    if (!facts.base) for (const name of facts.initialEnv.keys()) scope.env.add(name);
    for (const page of facts.pages) addNames(scope, variablesOf(page, source));
  }
  return scope;
}

function addNames(
  scope: { readonly args: Set<string>; readonly env: Set<string> },
  { args, env }: Pick<PageVariables, 'args' | 'env'>,
): void {
  for (const name of args) scope.args.add(name);
  for (const name of env) scope.env.add(name);
}

function runsLater({ kind }: Instruction): boolean {
  return kind === 'CMD' || kind === 'ENTRYPOINT' || kind === 'HEALTHCHECK';
}

interface Use {
  readonly name: string;
  readonly span: Span;
}

const none: readonly Use[] = [];
/** Spans are relative to the start of the node. */
const usesMemo = new NodeMemo<readonly Use[]>();

/** Those of an instruction, relative to the start of its node. */
function usesOf(source: SourceText, { node, kind }: Instruction): readonly Use[] {
  // What runs behind ONBUILD knows another environment.
  if (kind === 'ONBUILD' || node.json) return none;
  let uses = usesMemo.get(node);
  if (!uses) {
    uses = hasDollar(node) ? findUses(source, node).map(use => moveUse(use, -node.start)) : none;
    usesMemo.set(node, uses);
  }
  return uses;
}

function moveUse({ name, span }: Use, by: number): Use {
  return { name, span: { start: span.start + by, end: span.end + by } };
}

function hasDollar(node: InstructionNode): boolean {
  return node.source.includes('$') || node.heredocs.some(({ content }) => content.includes('$'));
}

function findUses(source: SourceText, node: InstructionNode): readonly Use[] {
  const uses = findVariableUses(source, node);
  const isShell = node.name === 'RUN' || node.name === 'CMD' || node.name === 'ENTRYPOINT';
  if (!isShell && node.name !== 'HEALTHCHECK') return uses;
  const assigned = assignedNames(source.text.slice(node.start, node.end));
  return uses.filter(({ name }) => !assigned.has(name));
}

// An assignment in a shell, in PowerShell with blanks; what loops and `read` set; a default that is set.
const assignment = /([A-Za-z_]\w*)[ \t]*(?:\+|:)?=(?!=)/g;
const loop = /\b(?:for|select|export|local|declare|typeset|readonly|unset)\s+([A-Za-z_]\w*)/g;
const reading = /\b(?:read|mapfile|readarray|getopts)\b([^;&|\n]*)/g;

function assignedNames(script: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, name = ''] of script.matchAll(assignment)) names.add(name);
  for (const [, name = ''] of script.matchAll(loop)) names.add(name);
  for (const [, words = ''] of script.matchAll(reading)) {
    for (const name of words.split(/\s+/)) names.add(name);
  }
  return names;
}
