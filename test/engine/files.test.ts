import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FilePlace } from '../../server/engine/files/types.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

const skip = engineUnavailable();
const maxBytes = 1024 * 1024;
const added = { existing: false, missing: true };
const saved = { existing: true, missing: true };

describe('files of containers, images, layers and volumes', { skip: skip ?? false }, () => {
  let bench: TestEngine;
  before(async () => {
    bench = await openTestEngine();
  });
  after(() => bench.close());

  const files = () => bench.engine.files;
  const text = async (place: FilePlace, path: string) =>
    Buffer.from(await files().read(place, { path, maxBytes })).toString();
  const write = (place: FilePlace, path: string, content: string) =>
    files().write(place, { path, content: Buffer.from(content), ...saved });
  const names = async (place: FilePlace, path: string) =>
    (await files().list(place, path)).map(file => file.path);
  const stopped = async (options = {}): Promise<FilePlace> => {
    const { id } = await bench.engine.containers.create({
      image: 'busybox',
      command: ['sleep', '600'],
      ...options,
    });
    return { kind: 'container', id };
  };
  const running = async (options = {}): Promise<FilePlace> => {
    const { id } = await bench.start({ command: ['sleep', '600'], network: 'none', init: true, ...options });
    return { kind: 'container', id };
  };

  for (const [state, make] of [
    ['stopped', stopped],
    ['running', running],
  ] as const)
    test(`a ${state} container's files are written, listed, moved, copied and removed`, async () => {
      const place = await make();
      await files().makeDirectory(place, '/work');
      await files().write(place, { path: '/work/a.txt', content: Buffer.from('one'), ...added });
      assert.equal(await text(place, '/work/a.txt'), 'one');
      await assert.rejects(
        files().write(place, { path: '/work/a.txt', content: Buffer.from('x'), ...added }),
        { code: 'conflict' },
      );
      await assert.rejects(
        files().write(place, {
          path: '/work/none',
          content: Buffer.from('x'),
          existing: true,
          missing: false,
        }),
        { code: 'not-found' },
      );
      await write(place, '/work/a.txt', 'a second and longer text');
      await write(place, '/work/a.txt', 'two');
      assert.equal(await text(place, '/work/a.txt'), 'two');
      await files().copy(place, { path: '/work', target: '/copied', replace: false });
      await files().rename(place, { path: '/work/a.txt', target: '/work/b.txt', replace: false });
      assert.deepEqual(await names(place, '/work'), ['/work/b.txt']);
      assert.deepEqual(await names(place, '/copied'), ['/copied/a.txt']);
      await assert.rejects(
        files().rename(place, { path: '/copied/a.txt', target: '/work/b.txt', replace: false }),
        {
          code: 'conflict',
        },
      );
      await files().rename(place, { path: '/copied/a.txt', target: '/work/b.txt', replace: true });
      await assert.rejects(files().remove(place, { path: '/work', recursive: false }), { code: 'conflict' });
      await files().remove(place, { path: '/work', recursive: true });
      await assert.rejects(files().stat(place, '/work'), { code: 'not-found' });
      await assert.rejects(files().makeDirectory(place, '/copied'), { code: 'conflict' });
      await assert.rejects(files().remove(place, { path: '/', recursive: true }), { code: 'conflict' });
      await bench.engine.containers.remove(place.id, { force: true });
    });

  test('a directory of the image is renamed, in which overlayfs needs a copy', async () => {
    const place = await running();
    const before = await names(place, '/bin');
    await files().rename(place, { path: '/bin', target: '/tools', replace: false });
    assert.deepEqual(
      await names(place, '/tools'),
      before.map(path => path.replace('/bin', '/tools')),
    );
    await assert.rejects(files().stat(place, '/bin'), { code: 'not-found' });
    await bench.engine.containers.remove(place.id, { force: true });
  });

  test('links are told with what they lead to, and lead nowhere outside', async () => {
    const place = await running();
    const sh = (script: string) => bench.engine.containers.exec(place.id, exec(script));
    await sh(
      `ln -s /../../../..${bench.root}/version /up; ln -s nothing /dangling; ln -s / /all; mkfifo /pipe; touch /done`,
    );
    await appears(place, '/done');
    const up = await files().stat(place, '/up');
    assert.deepEqual(
      [up.type, up.targetType, up.linkTarget],
      ['symlink', undefined, `/../../../..${bench.root}/version`],
    );
    assert.equal((await files().stat(place, '/dangling')).targetType, undefined);
    assert.equal((await files().stat(place, '/all')).targetType, 'directory');
    assert.deepEqual(
      await names(place, '/all/bin'),
      (await names(place, '/bin')).map(path => `/all${path}`),
    );
    // Nothing waits at a fifo, or writes to one.
    await assert.rejects(files().read(place, { path: '/pipe', maxBytes }), { code: 'image-invalid' });
    await assert.rejects(write(place, '/pipe', 'x'), { code: 'conflict' });
    await assert.rejects(write(place, '/up', 'x'), { code: 'conflict' });
    assert.notEqual(await readFile(join(bench.root, 'version'), 'utf8'), 'x');
    await bench.engine.containers.remove(place.id, { force: true });
  });

  test("a file is written in place: mode and owner stay, and a new one is its directory's owner's", async () => {
    const place = await running();
    await bench.engine.containers.exec(
      place.id,
      exec('mkdir /home; chown 1000:1000 /home; echo a > /home/run; chmod 4750 /home/run; touch /done'),
    );
    await appears(place, '/done');
    await write(place, '/home/run', 'b');
    await write(place, '/home/new', 'c');
    await files().makeDirectory(place, '/home/folder');
    const facts = async (path: string) => {
      const { mode, uid } = await files().stat(place, path);
      return [mode.toString(8), uid];
    };
    assert.equal((await facts('/home/run'))[1], 0);
    assert.deepEqual(await facts('/home/new'), ['644', 1000]);
    assert.deepEqual(await facts('/home/folder'), ['755', 1000]);
    // Mounted by itself: it cannot be replaced, only written.
    await write(place, '/etc/hosts', '127.0.0.1 localhost here\n');
    assert.match(await text(place, '/etc/hosts'), /here/);
    await bench.engine.containers.remove(place.id, { force: true });
  });

  test('images and layers are read and never written', async () => {
    const image: FilePlace = { kind: 'image', id: 'busybox' };
    assert.ok((await names(image, '/bin')).includes('/bin/sh'));
    await assert.rejects(write(image, '/bin/x', ''), {
      code: 'invalid-argument',
      detail: { path: '/bin/x', errno: 'EROFS' },
    });
    const [layer] = await bench.engine.images.layers(await bench.engine.images.resolve('busybox'));
    assert.ok(layer?.size);
    assert.deepEqual(await names({ kind: 'layer', id: layer.chainId }, '/bin'), await names(image, '/bin'));
    const { changes, below } = await files().layerChanges(layer.chainId);
    assert.equal(below, undefined);
    assert.ok(changes.some(({ kind, path }) => kind === 'A' && path === '/bin/sh'));
    await assert.rejects(files().stat({ kind: 'layer', id: `sha256:${'0'.repeat(64)}` }, '/'), {
      code: 'not-found',
    });
    await assert.rejects(files().stat({ kind: 'layer', id: 'x' }, '/'), { code: 'not-found' });
  });

  test('what a container mounts is found below its targets also while it is stopped', async () => {
    const mounts = [
      { type: 'volume', source: 'data', target: '/data', readOnly: false, options: [], createSource: false },
      { type: 'volume', source: 'fixed', target: '/fixed', readOnly: true, options: [], createSource: false },
    ] as const;
    const place = await stopped({ mounts });
    await write(place, '/data/kept', 'in the volume');
    await write(place, '/own', 'in the container');
    assert.equal(await text({ kind: 'volume', id: 'data' }, '/kept'), 'in the volume');
    await files().rename(place, { path: '/own', target: '/data/moved', replace: false });
    await files().copy({ kind: 'volume', id: 'data' }, { path: '/moved', target: '/again', replace: false });
    assert.deepEqual(await names({ kind: 'volume', id: 'data' }, '/'), ['/again', '/kept', '/moved']);
    await assert.rejects(files().stat(place, '/own'), { code: 'not-found' });
    await assert.rejects(write(place, '/fixed/x', ''), { code: 'invalid-argument', message: /read-only/ });
    await bench.engine.containers.remove(place.id);
  });

  test('changes by a process are told, and a stop and a start do not end the watch', async () => {
    const place = await running();
    await files().makeDirectory(place, '/watched');
    const told: string[] = [];
    let wake = () => {};
    const stop = new AbortController();
    const over = files().watch(place, {
      path: '/watched',
      signal: stop.signal,
      onChange: ({ kind, name }) => {
        told.push(`${kind} ${name}`);
        wake();
      },
    });
    const tells = async (change: string) => {
      while (!told.includes(change))
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      told.length = 0;
    };
    // Nobody says that the watch is there: what it does not see is done again.
    const until = async (change: string, script: string) => {
      let seen = false;
      const waiting = tells(change).then(() => {
        seen = true;
      });
      while (!seen) {
        await bench.engine.containers.exec(place.id, exec(script));
        await Promise.race([waiting, new Promise(resolve => setTimeout(resolve, 200))]);
      }
    };
    await until('created a', 'rm -f /watched/a; echo x > /watched/a');
    await until('deleted a', 'touch /watched/a; rm /watched/a');
    const ended = tells('changed ');
    await bench.engine.containers.stop(place.id, { timeoutSeconds: 0 });
    await ended;
    await bench.engine.containers.start(place.id);
    await until('created b', 'rm -f /watched/b; echo x > /watched/b');
    stop.abort();
    await over.catch(error => assert.equal(error.code, 'cancelled'));
    await bench.engine.containers.remove(place.id, { force: true });
  });

  test('a watch ends when what it watches is gone', async () => {
    await bench.engine.volumes.create({ name: 'watched' });
    const place: FilePlace = { kind: 'volume', id: 'watched' };
    await write(place, '/f', 'x');
    const over = files().watch(place, {
      path: '/f',
      onChange: () => {},
      signal: new AbortController().signal,
    });
    let done = false;
    const ended = over.then(() => {
      done = true;
    });
    while (!done) {
      await write(place, '/f', 'y');
      await files().remove(place, { path: '/f', recursive: false });
      await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 200))]);
      if (!done) await write(place, '/f', 'x');
    }
    await assert.rejects(
      files().watch(place, { path: '/none', onChange: () => {}, signal: new AbortController().signal }),
      { code: 'not-found' },
    );
  });

  async function appears(place: FilePlace, path: string): Promise<void> {
    for (;;) {
      const there = await files()
        .stat(place, path)
        .then(
          () => true,
          () => false,
        );
      if (there) return;
    }
  }
});

function exec(script: string) {
  return { args: ['sh', '-c', script], tty: false, openStdin: false, waitForAttach: false };
}
