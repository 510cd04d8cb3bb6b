/**
 * The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`: `*` and `?`, neither of
 * which matches a line end, and `\` before `*`, `?`, `\`. There are no bracket expressions.
 *
 * Matching follows all alternatives at once instead of backtracking: no pattern takes more than
 * length of pattern × length of value steps for one start.
 */

type Item = { readonly kind: 'star' | 'any' } | { readonly kind: 'literal'; readonly character: string };

/** A pattern that was read; `error` is set when it is wrong. */
export interface Pattern {
  readonly items: readonly Item[];
  readonly error: string | undefined;
}

/** Reads a pattern. A `\` before `}` or `/` only kept it from ending the expression and is dropped. */
export function readPattern(text: string): Pattern {
  const items: Item[] = [];
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    if (character === '*') {
      if (items.at(-1)?.kind !== 'star') items.push({ kind: 'star' });
    } else if (character === '?') {
      items.push({ kind: 'any' });
    } else if (character === '\\') {
      const next = characters[at + 1];
      if (next === '}' || next === '/') continue;
      if (next !== '*' && next !== '?' && next !== '\\') {
        return { items, error: `invalid escape '\\${next ?? '\uFFFD'}'` };
      }
      items.push({ kind: 'literal', character: next });
      at++;
    } else {
      items.push({ kind: 'literal', character });
    }
  }
  return { items, error: undefined };
}

/** Without the shortest or longest beginning that matches; all of `value` when none does. */
export function trimPrefix(value: string, pattern: Pattern, reach: 'shortest' | 'longest'): string {
  const characters = Array.from(value);
  const end = matchEnd(characters, pattern.items, { start: 0, reach });
  return end === undefined ? value : characters.slice(end).join('');
}

/** Without the shortest or longest end that matches; all of `value` when none does. */
export function trimSuffix(value: string, pattern: Pattern, reach: 'shortest' | 'longest'): string {
  const backwards = Array.from(value).reverse();
  const end = matchEnd(backwards, [...pattern.items].reverse(), { start: 0, reach });
  return end === undefined ? value : backwards.slice(end).reverse().join('');
}

/** With the first or every leftmost longest match replaced. */
export function replace(
  value: string,
  pattern: Pattern,
  options: { readonly replacement: string; readonly every: boolean },
): string {
  const characters = Array.from(value);
  let result = '';
  let at = 0;
  let lastEnd = -1;
  while (at <= characters.length) {
    const end = matchEnd(characters, pattern.items, { start: at, reach: 'longest' });
    const matched = end !== undefined && !(end === at && at === lastEnd);
    if (matched) result += options.replacement;
    if (matched && end > at) {
      at = end;
    } else {
      result += characters[at] ?? '';
      at++;
    }
    if (!matched) continue;
    lastEnd = end;
    if (!options.every) break;
  }
  return result + characters.slice(at).join('');
}

function matchEnd(
  characters: readonly string[],
  items: readonly Item[],
  options: { readonly start: number; readonly reach: 'shortest' | 'longest' },
): number | undefined {
  let reached = closure(items, [0]);
  let found: number | undefined;
  for (let at = options.start; ; at++) {
    if (reached.includes(items.length)) {
      found = at;
      if (options.reach === 'shortest') return found;
    }
    const character = characters[at];
    if (character === undefined || reached.length === 0) return found;
    reached = closure(items, step(items, reached, character));
  }
}

function step(items: readonly Item[], reached: readonly number[], character: string): number[] {
  const next: number[] = [];
  for (const index of reached) {
    const item = items[index];
    if (item === undefined) continue;
    if (item.kind === 'literal') {
      if (item.character === character) next.push(index + 1);
    } else if (character !== '\n') {
      next.push(item.kind === 'star' ? index : index + 1);
    }
  }
  return next;
}

function closure(items: readonly Item[], indices: readonly number[]): number[] {
  const seen = new Set<number>();
  for (let index of indices) {
    seen.add(index);
    while (items[index]?.kind === 'star') seen.add(++index);
  }
  return [...seen];
}
