// Base images for the real-world Dockerfiles, from Debian's packages and npm: what the official images are, without a registry.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian packages of each base beside the essential ones. `npm`: packages from npm's registry below /usr/local/lib/node_modules. */
export const bases = {
  'debian:bookworm-slim': { packages: [] },
  'node:bookworm': { packages: ['nodejs'], npm: ['npm@10'] },
  'python:bookworm': { packages: ['python3-venv', 'python3-flask', 'gunicorn'] },
  'golang:bookworm': { packages: ['golang-go'] },
  'rust:bookworm': { packages: ['cargo'] },
  'openjdk:bookworm': { packages: ['openjdk-17-jdk-headless', 'binutils'] },
  'nginx:bookworm': { packages: ['nginx-light'] },
};

const suite = 'bookworm';

/**
 * The root file system of a base as a tar, made once and kept in the user's cache folder.
 * @param {keyof typeof bases} name
 * @returns {string} its path
 */
export function baseArchive(name) {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sampan', 'realworld');
  const path = join(folder, `${name.replace(':', '-')}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const partial = `${path}.${process.pid}`;
  const work = mkdtempSync(join(tmpdir(), 'sampan-base-'));
  try {
    const { packages, npm = [] } = bases[name];
    run('mmdebstrap', [
      '--quiet',
      '--variant=minbase',
      '--components=main',
      '--aptopt=Acquire::Check-Valid-Until "false"',
      ...['man', 'doc', 'locale'].map(kind => `--dpkgopt=path-exclude=/usr/share/${kind}/*`),
      // Java's packages put links there, and fail where it is not.
      '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
      ...(packages.length > 0 ? [`--include=${packages.join(',')}`] : []),
      ...npm.flatMap(one => fromNpm(one, work)),
      '--format=tar',
      suite,
      partial,
    ]);
    renameSync(partial, path);
    return path;
  } finally {
    rmSync(partial, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

/** Hooks of mmdebstrap that put an npm package and links to its programs into the root file system. */
function fromNpm(wanted, work) {
  const archive = run('npm', ['pack', '--silent', '--pack-destination', work, wanted]).trim();
  const name = wanted.replace(/@[^@]*$/, '');
  const target = `/usr/local/lib/node_modules/${name}`;
  const unpack = `mkdir -p "$1${target}" && tar -xf ${join(work, archive)} -C "$1${target}" --strip-components=1 --no-same-owner`;
  const link = `ln -s ../lib/node_modules/${name}/bin/${name}-cli.js "$1/usr/local/bin/${name}" && chmod +x "$1${target}/bin/${name}-cli.js"`;
  return [`--customize-hook=${unpack}`, `--customize-hook=${link}`];
}

function run(program, args) {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.status === 0) return done.stdout;
  throw new Error(`${program} failed: ${done.error?.message ?? done.stderr.slice(-2000)}`);
}
