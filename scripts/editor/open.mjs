// Opens VS Code for a person: the desktop's own, or one in the browser.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBaseImage } from '../baseImage.mjs';
import { commandOn, stateEnvironment } from '../command.mjs';
import { root } from '../setup.mjs';
import { ensureEditor } from './install.mjs';
import { startEditorServer } from './server.mjs';

/**
 * Starts the desktop's VS Code on `folder` with the extension and leaves it to the user.
 * @param {{ code: string, folder: string, state: string }} options
 */
export async function openOnDesktop({ code, folder, state }) {
  await ensureBaseImage({ sampan: commandOn(state), temporary: state });
  // VS Code refuses to run as root without a folder of its own.
  const asRoot = process.getuid() === 0 ? ['--no-sandbox', '--user-data-dir', join(state, 'desktop')] : [];
  const args = ['--new-window', ...asRoot, `--extensionDevelopmentPath=${root}`, folder];
  const child = spawn(code, args, {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, ...stateEnvironment(state) },
  });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  console.log(`VS Code opens on ${folder} with the extension.`);
}

/**
 * Serves VS Code with the extension on loopback until Control-C.
 * @param {{ folder: string, state: string }} options
 */
export async function openInBrowser({ folder, state }) {
  const editor = ensureEditor();
  await ensureBaseImage({ sampan: commandOn(state), temporary: state });
  const place = join(state, 'browser');
  linkExtension(join(place, 'extensions', 'sampan'));
  // Loopback is shared with everybody on this machine, and the editor has a terminal.
  const token = randomBytes(16).toString('hex');
  const server = await startEditorServer(editor, {
    state: place,
    token,
    env: stateEnvironment(state),
    args: ['--disable-workspace-trust'],
  });
  const query = new URLSearchParams({ tkn: token, folder });
  console.log(`\nVS Code with the extension is at\n\n  http://127.0.0.1:${server.port}/?${query}\n`);
  console.log('Open Dockerfile and press Run above its FROM. Control-C here ends it.');
  await new Promise(resolve => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.stop();
}

/** Makes this checkout an installed extension: its manifest and what that names. */
function linkExtension(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'client'), { recursive: true });
  for (const name of [
    'package.json',
    'package.nls.json',
    'README.md',
    'CHANGELOG.md',
    'dist',
    'client/media',
  ])
    symlinkSync(join(root, name), join(folder, name));
}
