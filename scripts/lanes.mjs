// The two lanes of the tests that touch the kernel: as root, and as an ordinary user with subordinate ids.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './setup.mjs';

const laneUser = 'sampan-test';

/** The lanes that this process can run. */
export function availableLanes() {
  return process.getuid() === 0 ? ['root', 'user'] : ['user'];
}

/** Run Node with arguments in a lane, in the checkout; output goes to this process's. Resolves to the exit code. */
export function runInLane(lane, { node, args, env }) {
  if (lane === 'user' && process.getuid() === 0) return runAsUser({ node, args, env });
  return exitCode(
    spawn(node, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    }),
  );
}

/**
 * The checkout may lie where an ordinary user cannot go, so it is bound to a folder that everybody can reach, in a
 * mount namespace that ends with the run.
 */
async function runAsUser({ node, args, env }) {
  const { uid, gid } = ensureLaneUser();
  const folder = mkdtempSync(join(tmpdir(), 'sampan-lane-'));
  const runtime = join(folder, 'run');
  const home = join(folder, 'home');
  const checkout = join(folder, 'checkout');
  const script = [
    'set -e',
    `chmod 1777 ${folder}`,
    `mkdir -p ${runtime} ${home} ${checkout}`,
    `chown ${uid}:${gid} ${runtime} ${home}`,
    `chmod 700 ${runtime}`,
    `mount --bind ${root} ${checkout}`,
    `cd ${checkout}`,
    `exec setpriv --reuid ${uid} --regid ${gid} --init-groups "$@"`,
  ].join('\n');
  const inside = {
    PATH: process.env.PATH,
    HOME: home,
    USER: laneUser,
    LOGNAME: laneUser,
    XDG_RUNTIME_DIR: runtime,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    ...(process.env.CI ? { CI: process.env.CI } : {}),
    ...env,
  };
  try {
    return await exitCode(
      spawn(
        'unshare',
        [
          '--mount',
          '--propagation',
          'private',
          'sh',
          '-c',
          script,
          'sh',
          node.replace(root, checkout),
          ...args,
        ],
        {
          cwd: '/',
          stdio: ['ignore', 'inherit', 'inherit'],
          env: inside,
        },
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}

/** An ordinary account with a range of subordinate ids, made when missing. */
function ensureLaneUser() {
  const entry = () =>
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find(line => line.startsWith(`${laneUser}:`));
  if (!entry()) {
    const made = spawnSync('useradd', ['--create-home', '--shell', '/bin/sh', laneUser], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (made.status !== 0) throw new Error(`useradd ${laneUser} failed`);
  }
  const hasRange = file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .some(line => line.startsWith(`${laneUser}:`));
  if (!hasRange('/etc/subuid')) spawnSync('usermod', ['--add-subuids', '300000-365535', laneUser]);
  if (!hasRange('/etc/subgid')) spawnSync('usermod', ['--add-subgids', '300000-365535', laneUser]);
  const [, , uid, gid] = entry().split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
