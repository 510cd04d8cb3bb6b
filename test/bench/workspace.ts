import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export const sampan = join(root, 'dist/sampan');
export const busybox = '/bin/busybox';

/** A folder for one benchmark with a Sampan of its own, and a busybox rootfs that every contender uses. */
export interface Workspace {
  readonly folder: string;
  readonly rootfs: string;
  readonly archive: string;
  /** Environment for `sampan`. */
  readonly env: NodeJS.ProcessEnv;
  close(): void;
}

/** Below `parent`, by default the folder for temporary files. */
export function openWorkspace(parent = tmpdir()): Workspace {
  const folder = mkdtempSync(join(parent, 'sampan-bench-'));
  const rootfs = join(folder, 'rootfs');
  for (const name of ['bin', 'proc', 'dev', 'sys', 'tmp', 'etc', 'run'])
    mkdirSync(join(rootfs, name), { recursive: true });
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  for (const name of ['true', 'sh', 'cat', 'echo', 'mkdir', 'ls', 'sleep'])
    symlinkSync('busybox', join(rootfs, 'bin', name));
  // Places for what engines bind there.
  for (const name of ['hosts', 'hostname', 'resolv.conf']) writeFileSync(join(rootfs, 'etc', name), '');
  const archive = join(folder, 'rootfs.tar');
  execFileSync('tar', ['-C', rootfs, '-cf', archive, '.']);
  const env = { ...process.env, SAMPAN_ROOT: join(folder, 'root'), SAMPAN_RUN: join(folder, 'run') };
  const close = () => {
    execFileSync(join(root, 'dist/sampan-init'), ['dismiss', join(folder, 'run')]);
    for (const mounted of mountsBelow(folder)) execFileSync('umount', ['-l', mounted]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, rootfs, archive, env, close };
}

/** podman keeps its storage folder mounted on itself. */
function mountsBelow(folder: string): string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '');
  return points.filter(point => point.startsWith(`${folder}/`)).reverse();
}
