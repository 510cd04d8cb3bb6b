import type { CheckResult } from '../lint/check.ts';
import type { Span } from '../syntax/tree.ts';
import { stageOf } from './environment.ts';
import {
  findVariableDefinitions,
  findVariableUses,
  type VariableDefinition,
  type VariableUse,
} from './variables.ts';

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
  const places = findPlaces(result);
  const at = places.find(({ span }) => touches(span, offset));
  if (!at) return undefined;
  const named = places.filter(({ name }) => name === at.name);
  const scope = connectScopes(result, at.name);
  const root = scope(at.scope);
  const own = named.filter(place => scope(place.scope) === root);
  const definitions = own.filter(({ isDefinition }) => isDefinition).map(({ span }) => span);
  const uses = own.filter(({ isDefinition }) => !isDefinition).map(({ span }) => span);
  return { name: at.name, definitions, uses };
}

function findPlaces(result: CheckResult): Place[] {
  const { file } = result;
  const places: Place[] = findVariableDefinitions(file.tree).map(definition => ({
    ...definition,
    isDefinition: true,
    scope: scopeOf(result, definition),
  }));
  for (const node of file.tree.elements) {
    if (node.kind !== 'instruction') continue;
    const scope = node.name === 'FROM' ? globalScope : scopeOf(result, { node });
    for (const use of findVariableUses(file.tree, node)) places.push({ ...use, isDefinition: false, scope });
  }
  return places;
}

function scopeOf(result: CheckResult, { node }: Pick<VariableDefinition, 'node'>): string {
  const stage = stageOf(result, node);
  return stage ? String(stage.stage.index) : globalScope;
}

/** Which scopes share a variable: gives each scope one that stands for all that it is connected with. */
function connectScopes({ evaluation, file }: CheckResult, name: string): (scope: string) => string {
  const parents = new Map<string, string>();
  const find = (scope: string): string => {
    const parent = parents.get(scope);
    return parent === undefined ? scope : find(parent);
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
