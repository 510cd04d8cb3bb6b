// Puts a real VS Code (the server build inside the npm package code-server) and a Node that can run it into a
// cache folder. Only the npm registry is asked; nothing is compiled and no install script runs.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The VS Code that the suite and `npm start` use: code-server's version, whose tail is VS Code's own. */
export const codeServerVersion = '4.139.1';
const nodeVersion = '^24.9.0';

/** Packages of VS Code that neither a test nor a container needs: agents, sandboxes, other systems' parts. */
const unneeded = [
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@devcontainers/cli',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
];

const stubs = { '@vscode/spdlog': 'spdlog.cjs', '@vscode/native-watchdog': 'native-watchdog.cjs' };

/** Folder for what can be fetched again; `XDG_CACHE_HOME` moves it. */
export function cacheDirectory() {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sampan');
}

/**
 * Makes sure that the editor is there.
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {{ vscode: string, node: string }} VS Code's folder and the Node executable for it
 */
export function ensureEditor({ log = console.log } = {}) {
  const folder = join(cacheDirectory(), `editor-${codeServerVersion}`);
  if (!existsSync(folder)) {
    log(`Fetching VS Code (code-server ${codeServerVersion}) from the npm registry, once, into ${folder}`);
    install(folder);
  }
  return editorIn(folder);
}

function editorIn(folder) {
  return {
    vscode: join(folder, 'node_modules/code-server/lib/vscode'),
    node: join(folder, `node_modules/node-linux-${process.arch}/bin/node`),
  };
}

/** Installs beside and renames: an interrupted install is started anew, never used. */
function install(folder) {
  const fresh = `${folder}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    writeFileSync(join(fresh, 'package.json'), '{"private":true}\n');
    npm(fresh, ['install', `code-server@${codeServerVersion}`, `node-linux-${process.arch}@${nodeVersion}`]);
    const { vscode, node } = editorIn(fresh);
    trimDependencies(vscode);
    npm(vscode, ['install', '--omit=dev'], { PATH: `${join(node, '..')}:${process.env.PATH}` });
    for (const [name, stub] of Object.entries(stubs))
      cpSync(new URL(`stubs/${stub}`, import.meta.url), join(vscode, 'node_modules', name, 'index.js'));
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

function trimDependencies(vscode) {
  const file = join(vscode, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  for (const name of unneeded) delete manifest.dependencies[name];
  delete manifest.overrides;
  writeFileSync(file, JSON.stringify(manifest, null, 1));
  // The lock names the packages just taken out.
  rmSync(join(vscode, 'npm-shrinkwrap.json'), { force: true });
}

function npm(folder, args, env = {}) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync('npm', [...args, ...quiet], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (done.status === 0) return;
  throw new Error(`npm ${args.join(' ')} failed in ${folder}: ${done.error?.message ?? done.stderr.trim()}`);
}
