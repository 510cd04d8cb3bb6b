// `npm run bench [name…] [-- --json FILE]`: benchmarks against the peers that are installed, side by side in one run.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { cachedBuild } from './cached-build.ts';
import { type BenchResult, formatResult, measure } from './harness.ts';
import { language } from './language.ts';
import { runTrue } from './run-true.ts';

const benchmarks = [...runTrue, ...cachedBuild, ...build, ...language];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, list: { type: 'boolean' } },
});
const chosen = benchmarks.filter(
  one => positionals.length === 0 || positionals.some(name => one.name.startsWith(name)),
);

if (values.list || chosen.length === 0) {
  for (const one of benchmarks) console.log(`${one.name.padEnd(24)} ${one.what}`);
  process.exitCode = values.list ? 0 : 1;
} else {
  const results: BenchResult[] = [];
  for (const one of chosen) {
    const result = await measure(one);
    results.push(result);
    console.log(`\n${formatResult(result)}`);
  }
  const json = JSON.stringify(
    { date: new Date().toISOString(), node: process.version, results },
    undefined,
    2,
  );
  if (values.json) writeFileSync(values.json, `${json}\n`);
  else console.log(`\n${json}`);
}
