import type { CheckResult } from '../lint/check.ts';
import { type Range, toRange } from '../syntax/position.ts';
import { symbolKind } from './types.ts';

/** A name that is found from anywhere in the workspace. */
export interface NamedSymbol {
  readonly name: string;
  readonly kind: number;
  readonly range: Range;
}

/** The stages, and the arguments that a build can set. */
export function namedSymbols({ file }: Pick<CheckResult, 'file'>): NamedSymbol[] {
  const { tree, stages, globalArgs } = file;
  const named = stages.flatMap(({ from }) =>
    from.alias ? [{ name: from.alias.text, kind: symbolKind.class, range: toRange(tree, from.alias) }] : [],
  );
  const args = [
    ...globalArgs,
    ...stages.flatMap(({ instructions }) => instructions.filter(one => one.kind === 'ARG')),
  ].flatMap(({ declarations }) => declarations);
  const seen = new Set<string>();
  const first = args.filter(({ key }) => !seen.has(key.text) && seen.add(key.text));
  return [
    ...named,
    ...first.map(({ key }) => ({ name: key.text, kind: symbolKind.variable, range: toRange(tree, key) })),
  ];
}

/** True when the letters of the query are in the name, in their order, in any case. */
export function matchesQuery(name: string, query: string): boolean {
  const wanted = query.toLowerCase();
  let at = 0;
  for (const character of name.toLowerCase()) if (character === wanted[at]) at++;
  return at === wanted.length;
}
