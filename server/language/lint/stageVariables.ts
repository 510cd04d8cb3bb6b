import type { InstructionFacts, StageFacts } from '../evaluation/types.ts';
import type { Instruction } from '../instructions/types.ts';
import { findVariableUses, type SourceText } from '../instructions/variables.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
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
  const scope = scopeAtStart(facts);
  const declared = new Set([...scope.args, ...scope.env]);
  const unset: StageUse[] = [];
  const atRunTime: StageUse[] = [];
  for (const { instruction, node } of facts.instructions) {
    const uses = node === instruction.node ? usesOf(source, instruction) : none;
    if (uses.length > 0) {
      const own = instruction.kind === 'ARG' ? declaredNames(instruction) : noNames;
      for (const use of uses) {
        const { name } = use;
        if (own.includes(name)) continue;
        const isSet = declared.has(name);
        if (isSet && (!runsLater(instruction) || scope.env.has(name))) continue;
        (isSet ? atRunTime : unset).push({ ...moveUse(use, node.start), instruction, declared });
      }
    }
    if (instruction.kind !== 'ENV' && instruction.kind !== 'ARG') continue;
    for (const name of declaredNames(instruction)) {
      declared.add(name);
      (instruction.kind === 'ENV' ? scope.env : scope.args).add(name);
    }
  }
  return { unset, atRunTime };
}

/** Names that an ENV or ARG sets. */
export function declaredNames(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'ENV') return instruction.pairs.map(({ key }) => key.text);
  return instruction.kind === 'ARG' ? instruction.declarations.map(({ key }) => key.text) : noNames;
}

const noNames: readonly string[] = [];

function scopeAtStart({ base, initialEnv }: StageFacts) {
  const scope = { args: new Set<string>(), env: new Set<string>(base ? [] : initialEnv.keys()) };
  for (let facts = base; facts; facts = facts.base) {
    if (!facts.base) for (const name of facts.initialEnv.keys()) scope.env.add(name);
    for (const { instruction } of facts.instructions) addNames(scope, instruction);
  }
  return scope;
}

function addNames(
  scope: { readonly args: Set<string>; readonly env: Set<string> },
  instruction: InstructionFacts['instruction'],
): void {
  const names = instruction.kind === 'ENV' ? scope.env : scope.args;
  for (const name of declaredNames(instruction)) names.add(name);
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
