/** Farther than this, a word was not mistyped but meant as it is. */
const maximumDistance = 2;

/**
 * The option that was probably meant by `value`, at most two edits away; undefined when there is none or when
 * `value` is itself an option.
 */
export function suggest(value: string, options: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = maximumDistance + 1;
  for (const option of options) {
    if (option === value) return undefined;
    if (Math.abs(option.length - value.length) >= bestDistance) continue;
    const distance = editDistance(value, option);
    if (distance >= bestDistance) continue;
    best = option;
    bestDistance = distance;
  }
  return best;
}

/** As {@link suggest}, for names in any case; the suggestion takes the case of `value`. */
export function suggestAnyCase(value: string, options: Iterable<string>): string | undefined {
  const lower = [...options].map(option => option.toLowerCase());
  const best = suggest(value.toLowerCase(), lower);
  if (best === undefined || value === value.toLowerCase()) return best;
  return value === value.toUpperCase() ? best.toUpperCase() : best;
}

/** ` (did you mean x?)`, or nothing. */
export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
}

/** Levenshtein's distance in characters. */
function editDistance(left: string, right: string): number {
  const from = Array.from(left);
  const to = Array.from(right);
  let row = to.map((_, index) => index + 1);
  for (const [index, character] of from.entries()) {
    let diagonal = index;
    let previous = index + 1;
    row = row.map((above, column) => {
      const cost = Math.min(above + 1, previous + 1, diagonal + (to[column] === character ? 0 : 1));
      diagonal = above;
      previous = cost;
      return cost;
    });
  }
  return to.length === 0 ? from.length : (row.at(-1) ?? 0);
}

/** Names to compare with before it is enough for one file: a fraction of a second. */
const mostComparisons = 200_000;

/** Gives suggestions until a file has asked for too many: then it has other troubles than slips. */
export class SuggestionBudget {
  #left = mostComparisons;

  /** Comparisons that are left; less than none when it is enough. */
  get left(): number {
    return this.#left;
  }

  /** Takes comparisons into account that were made before. */
  spend(comparisons: number): void {
    this.#left -= comparisons;
  }

  /** As {@link suggest}. */
  suggest(value: string, options: readonly string[]): string | undefined {
    this.#left -= options.length;
    return this.#left < 0 ? undefined : suggest(value, options);
  }
}
