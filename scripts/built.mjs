// Whether dist/ is what the sources say, and making it so.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectNode, root } from './setup.mjs';

const sources = [
  'client',
  'server',
  'native',
  'package.json',
  'package-lock.json',
  'binding.gyp',
  'scripts/build.mjs',
  'scripts/gyp.mjs',
];
const products = [
  'extension.js',
  'languageClient.js',
  'server.js',
  'cli.js',
  'sampan',
  'sampan.node',
  'sampan-init',
];

/** Runs `npm run build` when a source is newer than what was built. Ends the process when it fails. */
export function ensureBuilt() {
  const built = products.map(name => modified(join(root, 'dist', name)));
  if (Math.max(...sources.map(name => newest(join(root, name)))) <= Math.min(...built)) return;
  console.log('Building dist/');
  const done = spawnSync(projectNode(), ['scripts/build.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (done.status === 0) return;
  console.error(`${done.stdout}\n${done.stderr}\nThe build failed; see above.`);
  process.exit(1);
}

function newest(path) {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .reduce((latest, { name }) => Math.max(latest, newest(join(path, name))), 0);
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
