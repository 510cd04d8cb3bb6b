// `npm run conformance [language] [incumbent] [build]`: agreement with BuildKit and docker over the data in the folder that
// SAMPAN_CONFORMANCE names. Prints the judges' own figures. `npm run conformance realworld` needs no data, but mmdebstrap
// and a Debian mirror: it builds and runs the Dockerfiles in test/realworld.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureNodePackages, projectNode, root } from './setup.mjs';

const data = process.env.SAMPAN_CONFORMANCE;
const [, , ...names] = process.argv;
if (names.includes('realworld')) {
  run(projectNode(), [join(root, 'scripts/realworld.mjs'), ...names.filter(name => name !== 'realworld')]);
  process.exit();
}
if (!data || !existsSync(data)) {
  console.error('Set SAMPAN_CONFORMANCE to the folder with the conformance data.');
  process.exit(1);
}
ensureNodePackages();

const judges = {
  language: () =>
    run(projectNode(), [
      join(data, 'language/run-checks.mjs'),
      join(root, 'test/conformance/language-adapter.mjs'),
    ]),
  incumbent: () => run(projectNode(), [join(root, 'test/conformance/incumbent/compare.ts')]),
  build: () => run('python3', [join(data, 'build/tools/run.py'), 'cases', 'cache']),
};
const chosen = Object.entries(judges).filter(
  ([name]) => process.argv.length < 3 || process.argv.includes(name),
);
for (const [name, judge] of chosen) {
  console.log(`# ${name}`);
  judge();
}

function run(program, args) {
  const env = { ...process.env, SAMPAN: join(root, 'dist/sampan'), NODE_NO_WARNINGS: '1' };
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) process.exitCode = 1;
}
