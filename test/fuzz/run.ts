// `npm run fuzz -- language [--minutes N] [--seed N]`: mutates Dockerfiles until the time is over or an invariant
// breaks; then it prints the seed and the smallest text that breaks it, and ends with 1.
import { parseArgs } from 'node:util';
import { fuzzLanguage } from './language.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const targets: { readonly [name: string]: (seed: number, until: number) => number } = {
  language: fuzzLanguage,
};
const name = positionals[0] ?? 'language';
const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
const minutes = Number(values.minutes);
if (!target || !(minutes > 0)) {
  console.error(`Usage: npm run fuzz -- ${Object.keys(targets).join('|')} [--minutes N] [--seed N]`);
  process.exit(2);
}
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
console.log(`${name}: seed ${seed}, ${minutes} min`);
const rounds = target(seed, performance.now() + minutes * 60_000);
console.log(`${rounds} texts, nothing broke`);
