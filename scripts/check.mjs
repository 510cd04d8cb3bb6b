// `npm run check`: types, lint and format, layer rules.
import { spawnSync } from 'node:child_process';
import { ensureNodePackages, projectNode, root } from './setup.mjs';

ensureNodePackages();
const steps = [
  ['types', 'node_modules/typescript/bin/tsc', '-b'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ['rules', '--test', '--test-reporter=dot', 'test/rules/*.test.ts'],
];
for (const [name, ...args] of steps) {
  console.log(`# ${name}`);
  if (spawnSync(projectNode(), args, { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
}
