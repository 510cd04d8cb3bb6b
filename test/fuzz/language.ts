import { checkIncremental, checkInvariants } from '../language/invariants.ts';
import { pieces } from '../language/pieces.ts';
import { Random } from './random.ts';
import { samples } from './samples.ts';

/** Longest a text of some kilobytes may take, in milliseconds: far more than it needs, far less than a hang. */
const patience = 20_000;
const longest = 4000;
const poolSize = 1000;

/**
 * Mutates sample Dockerfiles and checks what holds for every text, until `until` (of `performance.now()`). A text
 * with instructions that were not seen together before is kept for a while and mutated further. Gives the number of texts; on a failure it prints the
 * smallest text that still fails and ends the process with 1.
 */
export function fuzzLanguage(seed: number, until: number): number {
  const random = new Random(seed);
  const pool = [...samples];
  const seen = new Set<string>();
  let rounds = 0;
  while (performance.now() < until) {
    const before = random.of(pool);
    const text = mutate(before, random);
    const at = random.below(text.length + 1);
    const failure = attempt(() => checkInvariants(text, at));
    if (failure !== undefined) giveUp({ text, fails: shorter => invariantFailure(shorter, at) }, failure);
    const change = attempt(() => checkIncremental(before, text));
    if (change !== undefined) {
      console.error(`before the change:\n${JSON.stringify(before)}`);
      giveUp({ text, fails: shorter => attempt(() => checkIncremental(before, shorter)) }, change);
    }
    rounds++;
    const kind = signature(text);
    if (!seen.has(kind) && text.length < longest) {
      seen.add(kind);
      if (pool.length < poolSize) pool.push(text);
      else pool[samples.length + random.below(poolSize - samples.length)] = text;
    }
    if (rounds % 20_000 === 0) console.log(`${rounds} texts`);
  }
  return rounds;
}

function mutate(text: string, random: Random): string {
  let result = text;
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(result.length + 1);
    const end = Math.min(result.length, at + random.below(12));
    const cut = result.slice(at, end);
    const inserted = random.of(['', random.of(pieces), cut + cut, result.slice(0, random.below(40)), '\n']);
    result = result.slice(0, at) + inserted + result.slice(random.below(2) ? at : end);
  }
  return result.slice(0, longest);
}

/** Which pieces stand at the beginnings of lines: texts that differ in it reach different parts of the language. */
function signature(text: string): string {
  const lines = text
    .split('\n')
    .map(line => `${/^\s*\S{0,4}/.exec(line)?.[0]}${/[\\`]\s*$/.test(line) ? '+' : ''}`);
  return [...new Set(lines)].sort().join(' ').slice(0, 120);
}

function invariantFailure(text: string, at: number): string | undefined {
  return attempt(() => checkInvariants(text, Math.min(at, text.length)));
}

function attempt(checks: () => void): string | undefined {
  const started = performance.now();
  try {
    checks();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const took = performance.now() - started;
  return took > patience ? `took ${Math.round(took)} ms` : undefined;
}

/** Prints the failure and the smallest text that still fails, and ends the process. */
function giveUp(
  { text, fails }: { readonly text: string; readonly fails: (text: string) => string | undefined },
  failure: string,
): never {
  console.error(failure);
  let smallest = text;
  for (let size = Math.floor(smallest.length / 2); size > 0; size = Math.floor(size / 2)) {
    for (let start = 0; start < smallest.length; ) {
      const shorter = smallest.slice(0, start) + smallest.slice(start + size);
      if (fails(shorter) !== undefined) smallest = shorter;
      else start += size;
    }
  }
  console.error(`\nsmallest text:\n${JSON.stringify(smallest)}`);
  process.exit(1);
}
