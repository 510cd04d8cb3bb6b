// The suite that runs inside the extension host: test/client/editor/host, bundled once, in either VS Code.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../setup.mjs';
import { launchBrowser, openWindow } from './browser.mjs';
import { cacheDirectory, ensureEditor } from './install.mjs';
import { startEditorServer } from './server.mjs';

const timeoutMilliseconds = 300_000;

/** Bundles the suite to one CommonJS file that exports `run`, and returns its path. */
export async function bundleHostSuite(artifacts) {
  const outfile = join(artifacts, 'host-suite.cjs');
  await build({
    entryPoints: [join(root, 'test/client/editor/host/run.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    // Mocha finds its own files at run time.
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return outfile;
}

/** Runs the suite in VS Code's server with a headless browser as its window; `restricted`: without trust. */
export async function runHostSuite({ artifacts, folder, workspace, env, suite, restricted = false }) {
  const name = restricted ? 'restricted' : 'host';
  const results = join(artifacts, `${name}-results.json`);
  const server = await startEditorServer(ensureEditor(), {
    state: join(folder, name),
    settings: { 'security.workspace.trust.startupPrompt': 'never' },
    env: { ...env, SAMPAN_TEST_RESULTS: results, ...(restricted ? { SAMPAN_TEST_RESTRICTED: '1' } : {}) },
    args: [
      ...['--enable-smoke-test-driver', '--reconnection-grace-time', '5'],
      ...(restricted ? [] : ['--disable-workspace-trust']),
    ],
  });
  const browser = await launchBrowser();
  try {
    const window = await openWindow(browser, {
      port: server.port,
      folder: workspace,
      extension: root,
      tests: suite,
      onLog: text => process.env.SAMPAN_EDITOR_VERBOSE && console.log(text),
    });
    await within(timeoutMilliseconds, window.exited);
  } finally {
    await browser.close();
    await server.stop();
  }
  return report(results);
}

/** Runs the suite in a desktop VS Code: `executable`, or one that is downloaded. */
export async function runHostSuiteOnDesktop({ artifacts, workspace, env, suite, executable }) {
  const { runTests } = await import('@vscode/test-electron');
  const results = join(artifacts, 'host-results.json');
  await runTests({
    ...(executable === undefined
      ? { version: 'stable', cachePath: join(cacheDirectory(), 'vscode-test') }
      : { vscodeExecutablePath: executable }),
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust'],
    extensionTestsEnv: { ...env, SAMPAN_TEST_RESULTS: results },
  });
  return report(results);
}

/** Prints what the suite wrote down, and returns its counts. */
function report(results) {
  if (!existsSync(results))
    throw new Error('The host suite ended without results: the extension host failed.');
  const { tests } = JSON.parse(readFileSync(results, 'utf8'));
  for (const { title, error } of tests)
    console.log(error === undefined ? `ok ${title}` : `not ok ${title}\n${error}`);
  const failed = tests.filter(({ error }) => error !== undefined).length;
  return { passed: tests.length - failed, failed };
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Nothing within ${milliseconds / 1000} seconds.`)),
      milliseconds,
    );
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
