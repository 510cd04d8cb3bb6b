// `npm run test:editor`: the extension in a real VS Code. Ends with `N passed, N failed`.
//   --no-build    dist/ is as it should be
//   --only=host   or --only=screen: one half
//   --chapters=images   only those of the screen suite whose titles match
//   --desktop     run the host suite in a desktop VS Code that @vscode/test-electron downloads, skip the rest
//   --desktop=/path/to/code   in this one
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commandOn, removeState, stateEnvironment } from './command.mjs';
import { ensureNodePackages, ensureSystemPackages, projectNode, root } from './setup.mjs';

const desktop = process.argv.find(word => word === '--desktop' || word.startsWith('--desktop='));
const { values } = parseArgs({
  args: process.argv.slice(2).filter(word => word !== desktop),
  options: { 'no-build': { type: 'boolean' }, only: { type: 'string' }, chapters: { type: 'string' } },
});

ensureNodePackages();
// The suites are TypeScript, which the Node of a fresh machine may not read.
if (!process.features.typescript) {
  const again = spawnSync(projectNode(), process.argv.slice(1), { stdio: 'inherit' });
  process.exit(again.status ?? 1);
}
ensureSystemPackages('build', 'run', 'test');
if (!values['no-build']) {
  const built = spawnSync(projectNode(), ['scripts/build.mjs'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (built.status !== 0) process.exit(1);
}

// Only now: these need the packages.
const { bundleHostSuite, runHostSuite, runHostSuiteOnDesktop } = await import('./editor/hostSuite.mjs');
const { runScreenSuite } = await import('./editor/screenSuite.mjs');
const { importBusybox } = await import('./baseImage.mjs');

const artifacts = join(root, '.artifacts/editor');
rmSync(artifacts, { recursive: true, force: true });
mkdirSync(artifacts, { recursive: true });

// Everything of this run is in one folder: the workspace's copy, the editor's state, images and containers.
const folder = mkdtempSync(join(tmpdir(), 'sampan-editor-'));
const workspace = join(folder, 'sample');
copySample();
const env = stateEnvironment(folder);
const sampan = commandOn(folder);
const totals = { passed: 0, failed: 0 };
try {
  const suite = await bundleHostSuite(artifacts);
  const setting = { artifacts, folder, workspace, env, suite };
  importBusybox({ sampan, temporary: folder });
  if (desktop !== undefined)
    count(await runHostSuiteOnDesktop({ ...setting, executable: desktop.split('=')[1] }));
  else {
    if (values.only !== 'screen') {
      count(await runHostSuite({ ...setting, restricted: true }));
      count(await runHostSuite(setting));
    }
    if (values.only !== 'host') {
      // The host suite leaves files of its own.
      copySample();
      const chapters = new RegExp(values.chapters ?? '.');
      count(await runScreenSuite({ ...setting, sampan, chapters }));
    }
  }
} catch (error) {
  totals.failed += 1;
  console.error(error);
}
try {
  removeState(folder);
} catch (error) {
  totals.failed += 1;
  console.error(`not ok the state of this run can be removed: ${error.message}`);
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 ? 1 : 0);

function copySample() {
  rmSync(workspace, { recursive: true, force: true });
  cpSync(join(root, 'test/sample'), workspace, { recursive: true });
}

function count({ passed, failed }) {
  totals.passed += passed;
  totals.failed += failed;
}
