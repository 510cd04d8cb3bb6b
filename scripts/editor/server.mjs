// Starts VS Code's server on loopback, with its state in a folder of its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPortRedirect } from './portRedirect.mjs';

/** Settings that keep VS Code from asking the network, and from showing what has nothing to do with the work. */
export const quietSettings = {
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'json.schemaDownload.enable': false,
  'npm.fetchOnlinePackageInfo': false,
  // The browser is on this machine: a container's port needs no forwarding.
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Built-in extensions that only cost time here. Those with a half in the browser must stay: it would miss this one. */
const skippedExtensions = [
  'GitHub.copilot-chat',
  'ms-vscode.js-debug',
  'ms-vscode.vscode-js-profile-table',
  'vscode.grunt',
  'vscode.gulp',
  'vscode.jake',
  'vscode.php-language-features',
  'vscode.tunnel-forwarding',
];

/**
 * @param {{ vscode: string, node: string }} editor from `ensureEditor`
 * @param {object} options
 * @param {string} options.state folder for settings, logs and extensions
 * @param {string} [options.token] what a browser must show; without it everybody on this machine may connect
 * @param {Record<string, unknown>} [options.settings]
 * @param {NodeJS.ProcessEnv} [options.env] for the server and its extensions
 * @param {readonly string[]} [options.args] further arguments of the server
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
export async function startEditorServer(editor, { state, token, settings = {}, env = {}, args = [] }) {
  const user = join(state, 'user', 'User');
  mkdirSync(user, { recursive: true });
  const file = join(user, 'settings.json');
  // What a person changed since the last time stays.
  if (!existsSync(file)) writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
  const redirect = await startPortRedirect();
  const child = spawn(
    editor.node,
    [
      join(editor.vscode, 'out/server-main.js'),
      ...['--host', '127.0.0.1', '--port', '0', '--accept-server-license-terms'],
      ...(token === undefined ? ['--without-connection-token'] : ['--connection-token', token]),
      ...['--server-data-dir', join(state, 'server'), '--user-data-dir', join(state, 'user')],
      ...['--extensions-dir', join(state, 'extensions')],
      ...[
        '--disable-telemetry',
        '--telemetry-level',
        'off',
        '--disable-experiments',
        '--disable-update-check',
      ],
      '--disable-getting-started-override',
      ...args,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what the server started ends with it.
      detached: true,
      env: {
        ...process.env,
        // An empty gallery and telemetry address: nothing is looked up.
        EXTENSIONS_GALLERY: '{}',
        CS_TELEMETRY_URL: 'http://127.0.0.1:9/',
        VSCODE_SKIP_BUILTIN_EXTENSIONS: skippedExtensions.join(','),
        VSCODE_PROXY_URI: redirect.template,
        ...env,
      },
    },
  );
  child.once('exit', redirect.close);
  const port = await listeningPort(child);
  return { port, stop: () => stopGroup(child) };
}

/** Reads the port from what the server prints. Rejects when it ends or says nothing for 60 seconds. */
function listeningPort(child) {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => {
      stopGroup(child);
      reject(new Error(`VS Code's server did not listen within 60 seconds:\n${log}`));
    }, 60_000);
    const read = chunk => {
      log += chunk;
      const match = /listening on (\d+)/.exec(log);
      if (match === null) return;
      clearTimeout(timer);
      resolve(Number(match[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', code => {
      clearTimeout(timer);
      reject(new Error(`VS Code's server ended with code ${code}:\n${log}`));
    });
  });
}

/** Ends the server and all it started; resolves when it is gone. */
function stopGroup(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 5000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    process.kill(-child.pid, 'SIGTERM');
  });
}
