import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSampanError, SampanError } from '../../server/common/errors.ts';
import type { Engine } from '../../server/engine/types.ts';
import { coalesceBuild, coalesceLayers } from '../../server/handlers/coalesce.ts';
import { fillRecords, writeArchive } from '../../server/handlers/files.ts';
import { handlers } from '../../server/handlers/methods.ts';
import { Session } from '../../server/handlers/session.ts';
import type { BuildEvent, PullProgress } from '../../server/protocol/types.ts';
import { protocolVersion } from '../../server/protocol/version.ts';

const never = new AbortController().signal;

/** A greeted session over the parts of an engine that a test needs. */
async function sessionOver(parts: object, openings: (() => void)[] = []): Promise<Session> {
  const session = new Session({
    openEngine: async () => {
      openings.shift()?.();
      return parts as Engine;
    },
    notify: () => undefined,
    version: '1.2.3',
    watch: false,
  });
  await session.handle('sampan/hello', { protocol: protocolVersion, client: 'test' }, never);
  return session;
}

test('every method of the protocol but hello has a handler', () => {
  assert.ok(Object.keys(handlers).length >= 30);
  assert.ok(Object.keys(handlers).every(method => method.startsWith('sampan/')));
});

test('an engine that does not open is tried again by the next request', async () => {
  const openings = [
    () => {
      throw new SampanError('isolation-unavailable', 'no namespaces');
    },
  ];
  const session = await sessionOver({ surveyNetworks: async () => ({ found: [], damaged: [] }) }, openings);
  await assert.rejects(session.handle('sampan/network/list', {}, never), { code: 'isolation-unavailable' });
  assert.deepEqual(await session.handle('sampan/network/list', {}, never), {
    networks: [],
    damaged: [],
  });
});

test('a cancelled request fails with the code cancelled', async () => {
  const waiting = {
    containers: {
      wait: (_name: string, { signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
  };
  const session = await sessionOver(waiting);
  const controller = new AbortController();
  const request = session.handle('sampan/container/wait', { container: 'x' }, controller.signal);
  setImmediate(() => controller.abort());
  await assert.rejects(request, error => isSampanError(error, 'cancelled'));
});

test('whatever is thrown becomes an error with a code', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const failing = {
    surveyNetworks: () => Promise.reject(full),
    volumes: { get: () => Promise.reject(new TypeError('oops')) },
    containers: { survey: async () => ({ found: [], damaged: [] }) },
  };
  const session = await sessionOver(failing);
  await assert.rejects(session.handle('sampan/network/list', {}, never), { code: 'disk-full' });
  await assert.rejects(session.handle('sampan/volume/inspect', { volume: 'v' }, never), {
    code: 'internal',
    message: 'oops',
  });
});

test('an image names the containers that use it, and only those', async () => {
  const image = {
    id: 'sha256:1',
    config: { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } },
    tags: ['docker.io/library/busybox:1', '127.0.0.1:5000/a:1'],
    repoDigests: [],
    size: 5,
    createdAt: '2026-01-01T00:00:00Z',
  };
  const engine = {
    images: { survey: async () => ({ found: [image], damaged: [] }) },
    containers: {
      survey: async () => ({
        found: [
          { name: 'user', image: { id: 'sha256:1' } },
          { name: 'other', image: { id: 'sha256:2' } },
        ],
        damaged: [],
      }),
    },
  };
  const { images } = await (await sessionOver(engine)).handle('sampan/image/list', {}, never);
  assert.deepEqual(images[0]?.tags, ['busybox:1', '127.0.0.1:5000/a:1']);
  assert.deepEqual(images[0]?.containers, ['user']);
});

test('build output is joined up to 16 KiB and never put behind another event', () => {
  const sent: BuildEvent[] = [];
  const events = coalesceBuild(event => sent.push(event));
  const output = (text: string): BuildEvent => ({ kind: 'output', step: 's', stream: 'stdout', text });
  events.push(output('a'));
  events.push(output('b'));
  events.push({ kind: 'finish', step: 's', at: '', cached: false, milliseconds: 1 });
  events.push(output('x'.repeat(20_000)));
  events.push(output('last'));
  events.flush();
  assert.deepEqual(
    sent.map(event => (event.kind === 'output' ? event.text.length : event.kind)),
    [2, 'finish', 20_000, 4],
  );
});

test('of build progress the newest of each item is kept, and sent before what comes next', () => {
  const sent: BuildEvent[] = [];
  const events = coalesceBuild(event => sent.push(event));
  const progress = (item: string, current: number): BuildEvent => ({
    kind: 'progress',
    step: 's',
    item,
    text: item,
    current,
    isDone: false,
  });
  for (let current = 0; current < 100; current++)
    for (const item of ['a', 'b']) events.push(progress(item, current));
  const finish: BuildEvent = { kind: 'finish', step: 's', at: '', cached: false, milliseconds: 1 };
  events.push(finish);
  assert.deepEqual(sent, [progress('a', 99), progress('b', 99), finish]);
});

test('pull progress keeps the newest state of each layer', async () => {
  const sent: PullProgress[] = [];
  const progress = coalesceLayers((one: PullProgress) => sent.push(one));
  for (let current = 0; current < 100; current++) progress.push({ id: 'a', status: 'downloading', current });
  progress.push({ id: 'b', status: 'exists' });
  progress.push({ id: 'a', status: 'done' });
  progress.flush();
  assert.deepEqual(sent, [
    { id: 'a', status: 'done' },
    { id: 'b', status: 'exists' },
  ]);
});

test('an archive that fails half way leaves the older file and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-files-'));
  try {
    const path = join(folder, 'a.tar');
    writeFileSync(path, 'old');
    const failing = writeArchive(path, async sink => {
      await sink(Buffer.from('half'));
      throw new Error('no more');
    });
    await assert.rejects(failing, { message: 'no more' });
    assert.equal(readFileSync(path, 'utf8'), 'old');
    await writeArchive(path, async sink => sink(Buffer.from('new')));
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['a.tar']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an exported tar is filled to whole records in its last write', async () => {
  const written: number[] = [];
  await fillRecords(
    chunk => void written.push(chunk.length),
    async sink => {
      await sink(Buffer.alloc(20_000, 1));
      await sink(Buffer.alloc(1_024, 2));
    },
  );
  assert.deepEqual(written, [20_000, 10_720]);
});
