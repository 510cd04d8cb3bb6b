import { findOwnDefinitions, findVariableUses, type VariableUse } from '../instructions/variables.ts';
import type { CheckResult } from '../lint/check.ts';
import type { InstructionNode, Span, Tree } from '../syntax/tree.ts';
import { elementAt } from './cursor.ts';

/** All places where one variable is set or used. */
export interface VariableOccurrences {
  readonly name: string;
  readonly definitions: readonly Span[];
  readonly uses: readonly Span[];
}

interface Place extends VariableUse {
  readonly isDefinition: boolean;
  readonly scope: string;
}

const globalScope = 'global';

/**
 * The places of the variable at an offset: those of its stage, of stages that it is built on or that are built on
 * it, and of the global ARG where a stage takes its value. Without
 * definitions it comes from the image or the shell, or is not set at all.
 */
export function variableOccurrences(result: CheckResult, offset: number): VariableOccurrences | undefined {
  const { tree } = result.file;
  const name = nameAt(tree, offset);
  if (name === undefined) return undefined;
  const named = findPlaces(tree, name);
  const at = named.find(({ span }) => touches(span, offset));
  if (!at) return undefined;
  const scope = connectScopes(result, name);
  const root = scope(at.scope);
  const own = named.filter(place => scope(place.scope) === root);
  const definitions = own.filter(({ isDefinition }) => isDefinition).map(({ span }) => span);
  const uses = own.filter(({ isDefinition }) => !isDefinition).map(({ span }) => span);
  return { name, definitions, uses };
}

function nameAt(tree: Tree, offset: number): string | undefined {
  const node = elementAt(tree, offset);
  if (node?.kind !== 'instruction') return undefined;
  const all = [...findOwnDefinitions(tree, node), ...findVariableUses(tree, node)];
  return all.find(({ span }) => touches(span, offset))?.name;
}

/** The places of a name, whatever variable it stands for. */
function findPlaces(tree: Tree, name: string): Place[] {
  const places: Place[] = [];
  let scope = globalScope;
  let stages = 0;
  for (const node of tree.elements) {
    if (node.kind !== 'instruction') continue;
    if (node.name === 'FROM') scope = String(stages++);
    if (!mayName(tree, node, name)) continue;
    const own = node.name === 'FROM' ? globalScope : scope;
    for (const definition of findOwnDefinitions(tree, node)) {
      if (definition.name === name) places.push({ ...definition, isDefinition: true, scope: own });
    }
    for (const use of findVariableUses(tree, node)) {
      if (use.name === name) places.push({ ...use, isDefinition: false, scope: own });
    }
  }
  return places;
}

/** Told without reading the instruction. A name can go on behind a continuation. */
function mayName({ text }: Tree, node: InstructionNode, name: string): boolean {
  return node.endLine > node.line || text.slice(node.start, node.end).includes(name);
}

/** Which scopes share a variable: gives each scope one that stands for all that it is connected with. */
function connectScopes({ evaluation, file }: CheckResult, name: string): (scope: string) => string {
  const parents = new Map<string, string>();
  const find = (scope: string): string => {
    let root = scope;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  const join = (left: string, right: string): void => {
    const [one, other] = [find(left), find(right)];
    if (one !== other) parents.set(one, other);
  };
  const isGlobal = file.globalArgs.some(({ declarations }) =>
    declarations.some(({ key }) => key.text === name),
  );
  for (const { stage, base } of evaluation.stages) {
    const own = String(stage.index);
    if (base) join(own, String(base.stage.index));
    const takesGlobal = stage.instructions.some(
      one =>
        one.kind === 'ARG' &&
        one.declarations.some(({ key, value }) => key.text === name && value === undefined),
    );
    if (isGlobal && takesGlobal) join(own, globalScope);
  }
  return find;
}

function touches(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
