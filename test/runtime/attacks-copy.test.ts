import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CopyEntry, FsSession, MountedRootfs } from '../../server/engine/runtime/types.ts';
import { makeSandbox, type Sandbox } from './support/sandbox.ts';

let sandbox: Sandbox;
let session: FsSession;
before(async () => {
  sandbox = makeSandbox();
  session = await sandbox.runtime.openFs();
});
after(async () => {
  await session.close();
  await sandbox.remove();
});

/**
 * A rootfs whose /flip is a folder and a link to `outside` by turns, swapped by a process as a running container would,
 * for as long as `work` takes.
 */
async function whileFlipping(
  name: string,
  work: (rootfs: MountedRootfs, outside: string) => Promise<void>,
): Promise<void> {
  const [upper, outside] = [join(sandbox.base, name), join(sandbox.base, `${name}-outside`)];
  mkdirSync(join(upper, 'flip'), { recursive: true });
  writeFileSync(join(upper, 'flip/file'), 'inside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'file'), 'canary');
  const swap = `while :; do mv flip real; ln -s ${outside} flip; rm flip; ln -s ../../../../../../..${outside} flip; rm flip; mv real flip; done`;
  const flipper = spawn('busybox', ['sh', '-c', swap], { cwd: upper, stdio: 'ignore' });
  const rootfs = await session.mount({ lowers: [], upper });
  try {
    await work(rootfs, outside);
  } finally {
    flipper.kill('SIGKILL');
    await once(flipper, 'exit');
    await rootfs.unmount();
  }
  assert.deepEqual(readdirSync(outside), ['file']);
  assert.equal(readFileSync(join(outside, 'file'), 'utf8'), 'canary');
}

/** Losing a race with the flipper fails with one of these; anything else is a fault. */
async function mayLose(work: Promise<unknown>): Promise<void> {
  await work.catch((error: NodeJS.ErrnoException) => {
    assert.match(String(error), /no such|not a directory|exist|is a directory|changed|loop|not regular/i);
  });
}

test('copying into a folder that turns into a link writes nothing outside of the rootfs', async () => {
  await whileFlipping('copy-in', async rootfs => {
    const file = { type: 'file', uid: 0, gid: 0, mode: 0o644, content: Buffer.from('written') } as const;
    const entries: CopyEntry[] = [
      { ...file, target: '/flip/file' },
      { ...file, target: '/flip/new' },
    ];
    for (let i = 0; i < 200; i++) await mayLose(rootfs.copy(undefined, entries));
  });
});

test('making folders and unpacking below a folder that turns into a link makes nothing outside', async () => {
  await whileFlipping('make-in', async rootfs => {
    const owner = { mode: 0o755, uid: 0, gid: 0 };
    for (let i = 0; i < 200; i++) await mayLose(rootfs.makeDirectory(`/flip/made${i % 5}/below`, owner));
  });
});

test('reading below a folder that turns into a link never gives what lies outside', async () => {
  await whileFlipping('read-in', async rootfs => {
    const texts: string[] = [];
    for (let i = 0; i < 200; i++) {
      await mayLose(rootfs.readFile('/flip/file', 1024).then(bytes => texts.push(String(bytes))));
      const chunks: Uint8Array[] = [];
      await mayLose(rootfs.archive('/flip/file', { sink: chunk => void chunks.push(Buffer.from(chunk)) }));
      await mayLose(rootfs.archive('/flip', { sink: chunk => void chunks.push(Buffer.from(chunk)) }));
      texts.push(Buffer.concat(chunks).toString('latin1'));
    }
    assert.ok(texts.some(text => text.includes('inside')));
    for (const text of texts) assert.ok(!text.includes('canary'), 'what lies outside was read');
  });
});
