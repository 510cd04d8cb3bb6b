// `npm start`: sets this checkout up, builds and runs the sample workspace's Dockerfile with Sampan's own engine,
// fetches its page, cleans up, and opens VS Code on the sample with the extension.
//   npm start -- --no-editor    without the last part
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './built.mjs';
import { runDemo } from './demo.mjs';
import { ensureNodePackages, ensureSystemPackages, findProgram, root } from './setup.mjs';

const { values } = parseArgs({ options: { 'no-editor': { type: 'boolean' } } });
const sample = join(root, 'test/sample');

ensureNodePackages();
ensureSystemPackages('build', 'run');
ensureBuilt();
try {
  await runDemo(sample);
  if (!values['no-editor']) await openEditor();
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

/** The desktop's VS Code when there is one and a display to show it on, otherwise VS Code in the browser. */
async function openEditor() {
  const { cacheDirectory } = await import('./editor/install.mjs');
  const { openInBrowser, openOnDesktop } = await import('./editor/open.mjs');
  // The editor's images and containers stay for the next start; they are not the user's own.
  const state = join(cacheDirectory(), 'start');
  mkdirSync(state, { recursive: true });
  const code = findProgram('code');
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (code && display) await openOnDesktop({ code, folder: sample, state });
  else await openInBrowser({ folder: sample, state });
}
