// Makes a fresh machine ready: npm packages, and the system packages of a task. Plain Node ≥ 20, no dependencies,
// because it runs before `npm ci`.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, lstatSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Debian package to what proves that it is there: a program on PATH, or an absolute file. */
const proofs = {
  'build-essential': 'g++',
  python3: 'python3',
  'libseccomp-dev': '/usr/include/seccomp.h',
  uidmap: 'newuidmap',
  'busybox-static': 'busybox',
  nftables: 'nft',
  passt: 'pasta',
  iproute2: 'ip',
  'docker-registry': 'docker-registry',
  skopeo: 'skopeo',
  umoci: 'umoci',
  chromium: 'chromium',
  'xz-utils': 'xz',
  bzip2: 'bzip2',
  git: 'git',
  kmod: 'modprobe',
  e2fsprogs: 'mkfs.ext4',
  shellcheck: 'shellcheck',
  'g++-aarch64-linux-gnu': 'aarch64-linux-gnu-g++',
  'g++-x86-64-linux-gnu': 'x86_64-linux-gnu-g++',
};

/**
 * What building from source needs, what the product needs at run time, what only the tests need, and what building for
 * another processor needs.
 */
export const packageSets = {
  build: ['build-essential', 'python3', 'libseccomp-dev'],
  run: ['uidmap', 'busybox-static', 'nftables', 'passt'],
  test: [
    'iproute2',
    'docker-registry',
    'skopeo',
    'umoci',
    'chromium',
    'xz-utils',
    'bzip2',
    'git',
    'kmod',
    'e2fsprogs',
    'shellcheck',
  ],
  'cross-arm64': ['g++-aarch64-linux-gnu'],
  'cross-x64': ['g++-x86-64-linux-gnu'],
};

/** The path of a program, searched in PATH and the usual system folders; undefined when there is none. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isInstalled(name) {
  const proof = proofs[name];
  return proof.startsWith('/') ? existsSync(proof) : findProgram(proof) !== undefined;
}

/** The packages of the named sets that are missing here. */
export function missingPackages(...sets) {
  return sets.flatMap(set => packageSets[set]).filter(name => !isInstalled(name));
}

/**
 * Install what is missing of the named sets. Without root or apt-get it prints the one command to run and ends
 * the process with code 1.
 */
export function ensureSystemPackages(...sets) {
  const missing = missingPackages(...sets);
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid() !== 0 || !findProgram('apt-get')) {
    console.error(
      `These system packages are missing: ${missing.join(', ')}. Install them with:\n\n  sudo sh -c '${command}'\n`,
    );
    process.exit(1);
  }
  console.log(`Installing system packages: ${missing.join(', ')}`);
  execFileSync('sh', ['-c', command], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/**
 * `npm ci` unless it was done for this lock file. A linked node_modules is somebody else's to fill: npm would empty
 * the folder behind the link.
 */
export function ensureNodePackages() {
  const folder = join(root, 'node_modules');
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const stamp = join(folder, '.installed-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing npm packages');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (result.status !== 0) {
    console.error('npm ci failed; see above.');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** The Node 24 that the project's scripts and tests run on. */
export function projectNode() {
  return join(root, 'node_modules/.bin/node');
}
