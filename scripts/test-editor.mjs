// `npm run test:editor`: the extension in a real VS Code. Ends with `N passed, N failed`.
//   --no-build    dist/ is as it should be
//   --desktop     run the host suite in a desktop VS Code that @vscode/test-electron downloads, skip the rest
//   --desktop=/path/to/code   in this one
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNodePackages, ensureSystemPackages, projectNode, root } from './setup.mjs';

const desktop = process.argv.find(word => word === '--desktop' || word.startsWith('--desktop='));
const { values } = parseArgs({
  args: process.argv.slice(2).filter(word => word !== desktop),
  options: { 'no-build': { type: 'boolean' }, only: { type: 'string' } },
});

ensureNodePackages();
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
cpSync(join(root, 'test/sample'), workspace, { recursive: true });
const env = { SAMPAN_ROOT: join(folder, 'root'), SAMPAN_RUN: join(folder, 'run') };
const totals = { passed: 0, failed: 0 };
try {
  const suite = await bundleHostSuite(artifacts);
  const setting = { artifacts, folder, workspace, env, suite };
  if (desktop !== undefined)
    count(await runHostSuiteOnDesktop({ ...setting, executable: desktop.split('=')[1] }));
  else {
    importBusybox({ sampan, temporary: folder });
    if (values.only !== 'screen') count(await runHostSuite(setting));
    if (values.only !== 'host') count(await runScreenSuite({ ...setting, sampan }));
  }
} catch (error) {
  totals.failed += 1;
  console.error(error);
} finally {
  removeState();
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 ? 1 : 0);

function count({ passed, failed }) {
  totals.passed += passed;
  totals.failed += failed;
}

/** Runs the command line on this run's state. */
function sampan(args) {
  const done = spawnSync(join(root, 'dist/sampan'), args, {
    env: { ...process.env, ...env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (done.status !== 0) throw new Error(`sampan ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
  return done.stdout.trim();
}

/** Containers that a failed test left are removed by the engine: their files belong to other user ids. */
function removeState() {
  if (existsSync(env.SAMPAN_ROOT)) {
    try {
      const left = sampan(['ps', '-aq']).split('\n').filter(Boolean);
      if (left.length > 0) sampan(['rm', '-f', '-v', ...left]);
      const images = sampan(['images', '-q']).split('\n').filter(Boolean);
      if (images.length > 0) sampan(['rmi', '-f', ...new Set(images)]);
    } catch (error) {
      console.error(`The state of this run could not be removed: ${error.message}`);
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
