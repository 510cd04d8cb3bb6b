// The base image of the sample, from the machine's own static busybox: what `busybox:latest` is, without a network.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './setup.mjs';

/** The name under which Docker Hub has it too. */
export const baseImage = 'busybox:latest';

/** Docker Hub's API; whatever it answers, it is there. */
const registry = 'https://registry-1.docker.io/v2/';

/**
 * Sees to it that busybox:latest is there: pulled when its registry answers within a few seconds, else imported.
 * @param {{ sampan: (args: readonly string[]) => string, temporary: string }} options
 *   the command line, and a folder to work in
 * @returns {Promise<string>} what was done, for people
 */
export async function ensureBaseImage({ sampan, temporary }) {
  if (sampan(['images', '-q', baseImage]) !== '') return `${baseImage} is here`;
  if (await answers(registry)) {
    try {
      sampan(['pull', '-q', baseImage]);
      return `${baseImage} pulled`;
    } catch {
      // Refused, e.g. by a rate limit: the machine's own does as well.
    }
  }
  importBusybox({ sampan, temporary });
  return `${baseImage} imported from this machine's busybox, because its registry does not answer`;
}

async function answers(url) {
  try {
    await fetch(url, { signal: AbortSignal.timeout(4000) });
    return true;
  } catch {
    return false;
  }
}

/**
 * Imports busybox:latest.
 * @param {{ sampan: (args: readonly string[]) => string, temporary: string }} options
 *   the command line, and a folder to work in
 */
export function importBusybox({ sampan, temporary }) {
  const work = mkdtempSync(join(temporary, 'busybox-'));
  try {
    const archive = join(work, 'rootfs.tar');
    packRootfs(join(work, 'rootfs'), archive);
    sampan(['import', '--change', 'CMD ["sh"]', '--message', 'busybox-static', archive, baseImage]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function packRootfs(rootfs, archive) {
  for (const folder of ['bin', 'etc', 'tmp', 'root', 'home', 'var'])
    mkdirSync(join(rootfs, folder), { recursive: true });
  chmodSync(join(rootfs, 'tmp'), 0o1777);
  const busybox = findProgram('busybox');
  if (busybox === undefined) throw new Error('busybox is missing: apt-get install busybox-static');
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  chmodSync(join(rootfs, 'bin/busybox'), 0o755);
  for (const applet of output(busybox, ['--list']).split('\n').filter(Boolean))
    if (applet !== 'busybox') symlinkSync('busybox', join(rootfs, 'bin', applet));
  writeFileSync(
    join(rootfs, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  );
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n');
  output('tar', [
    '--create',
    '--file',
    archive,
    '--directory',
    rootfs,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '.',
  ]);
}

function output(program, args) {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${program} failed: ${done.error?.message ?? done.stderr}`);
  return done.stdout;
}
