// Real-world Dockerfiles: each is built, run, and asked over a published port. `npm run conformance realworld` runs it.
//   node scripts/realworld.mjs [name ...]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseArchive } from './realworldBases.mjs';
import { root } from './setup.mjs';

/** The port that each listens on in its container. */
const cases = { node: 8080, python: 8000, go: 8080, rust: 8080, java: 8080, nginx: 80 };
const patienceMs = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'sampan-realworld-'));
const run = join(folder, 'run');
const env = { ...process.env, SAMPAN_ROOT: join(folder, 'root'), SAMPAN_RUN: run };
const chosen = Object.entries(cases).filter(
  ([name]) => process.argv.length < 3 || process.argv.includes(name),
);
let failed = 0;
try {
  for (const [name, port] of chosen) {
    const outcome = await check(name, port).catch(error => ({ error }));
    if ('error' in outcome) failed += 1;
    console.log(
      'error' in outcome ? `not ok ${name}: ${outcome.error.message}` : `ok ${name}: ${outcome.text}`,
    );
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
} finally {
  spawnSync(join(root, 'dist/sampan'), ['rm', '-f', ...chosen.map(([name]) => name)], { env });
  spawnSync(join(root, 'dist/sampan-init'), ['dismiss', run]);
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;

/** Build twice, the second time from the cache; run; ask. */
async function check(name, port) {
  const context = join(root, 'test/realworld', name);
  for (const base of basesOf(context)) importBase(base);
  const [first, again] = [1, 2].map(() => build(name, context));
  if (!again.isCached) throw new Error(`the second build was not cached:\n${again.output}`);
  sampan(['run', '-d', '--name', name, '-p', `127.0.0.1:0:${port}`, name]);
  const address = sampan(['port', name, String(port)])
    .trim()
    .split('\n')[0];
  const text = await answerOf(`http://${address}/`, name);
  if (text !== `hello from ${name}\n`) throw new Error(`it answered ${JSON.stringify(text)}`);
  sampan(['stop', name]);
  const seconds = [first, again].map(one => (one.milliseconds / 1000).toFixed(1));
  return { text: `${text.trim()}; built in ${seconds[0]} s, again in ${seconds[1]} s` };
}

function basesOf(context) {
  const text = readFileSync(join(context, 'Dockerfile'), 'utf8');
  const names = [...text.matchAll(/^FROM (\S+:\S+)/gm)].map(([, name]) => name);
  return new Set(names);
}

function importBase(name) {
  if (sampan(['images', '-q', name]).trim() === '') sampan(['import', baseArchive(name), name]);
}

function build(name, context) {
  const began = performance.now();
  const output = sampan(['build', '--progress=plain', '-t', name, context]);
  const steps = output.match(/^#\d+ (?:CACHED|DONE)/gm) ?? [];
  const isCached = steps.some(step => step.endsWith('CACHED')) && !/^#\d+ \d+\.\d+ /m.test(output);
  return { output, isCached, milliseconds: performance.now() - began };
}

async function answerOf(url, container) {
  const latest = Date.now() + patienceMs;
  for (;;) {
    try {
      const response = await fetch(url);
      return await response.text();
    } catch (error) {
      if (Date.now() > latest)
        throw new Error(`${url} does not answer (${error}); its log:\n${sampan(['logs', container])}`);
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Both streams. */
function sampan(args) {
  const done = spawnSync(join(root, 'dist/sampan'), args, {
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status === 0) return done.stdout + done.stderr;
  throw new Error(
    `sampan ${args.join(' ')} failed: ${done.error?.message ?? (done.stdout + done.stderr).slice(-3000)}`,
  );
}
