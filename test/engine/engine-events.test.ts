import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type FSWatcher, mkdirSync, writeFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { StoreEvents } from '../../server/engine/events.ts';
import { storeFolders, storePaths } from '../../server/engine/store/paths.ts';
import type { ObjectKind } from '../../server/engine/types.ts';

let root = '';
let events: StoreEvents;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sampan-events-'));
  for (const folder of storeFolders(storePaths(root))) await mkdir(folder, { recursive: true });
  events = new StoreEvents(storePaths(root));
});
afterEach(async () => {
  events.close();
  await rm(root, { recursive: true, force: true });
});

/** The next kinds that are told after `act`. */
async function after(act: () => Promise<void>): Promise<readonly ObjectKind[]> {
  let stop = () => {};
  const told = new Promise<readonly ObjectKind[]>(resolve => {
    stop = events.listen(resolve);
  });
  await act();
  // fs.watch does not keep the process alive, and must not.
  const alive = setInterval(() => {}, 1000);
  const kinds = await told;
  clearInterval(alive);
  stop();
  return kinds;
}

test('a tag that appears is a change of images', async () => {
  const kinds = await after(() => writeFile(join(root, 'references', 'x.json'), '{}'));
  assert.deepEqual(kinds, ['image']);
});

test('many changes are told as one', async () => {
  const kinds = await after(async () => {
    // Synchronously: however slow the machine is, no timer runs in between.
    for (let i = 0; i < 50; i++) writeFileSync(join(root, 'references', `${i}.json`), '{}');
    mkdirSync(join(root, 'volumes', 'data'));
  });
  assert.deepEqual([...kinds].sort(), ['image', 'volume']);
});

test('a container that ends is a change, also one that was made while listening', async () => {
  const folder = join(root, 'containers', 'a'.repeat(64));
  const seen: (readonly ObjectKind[])[] = [];
  let wake = () => {};
  const stop = events.listen(kinds => {
    seen.push(kinds);
    wake();
  });
  const next = () =>
    new Promise<void>(resolve => {
      wake = resolve;
    });
  const alive = setInterval(() => {}, 1000);
  const made = next();
  await mkdir(folder);
  await made;
  const ended = next();
  await writeFile(join(folder, 'state.new'), '{}');
  await rename(join(folder, 'state.new'), join(folder, 'state.json'));
  await ended;
  assert.deepEqual(seen, [['container'], ['container']]);
  clearInterval(alive);
  stop();
});

test('a look that began earlier and ends later closes no watch that was opened meanwhile', async context => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { volumes } = storePaths(root);
  const watched = new Map<string, (name: string | null) => void>();
  const names: string[] = [];
  let release = () => {};
  let held: Promise<void> | undefined = new Promise(resolve => {
    release = resolve;
  });
  events = new StoreEvents(storePaths(root), {
    files: {
      list: async folder => {
        if (folder !== volumes) return [];
        const seen = [...names];
        const wait = held;
        held = undefined;
        await wait;
        return seen;
      },
      watch: (folder, changed) => {
        watched.set(folder, changed);
        return Object.assign(new EventEmitter(), {
          close: () => void watched.delete(folder),
        }) as unknown as FSWatcher;
      },
    },
  });
  const told = new Promise<void>(resolve => events.listen(() => resolve()));
  names.push('fresh');
  watched.get(volumes)?.('fresh');
  context.mock.timers.tick(100);
  // The second look is done by now, unless it waits for the first.
  await new Promise(resolve => setImmediate(resolve));
  release();
  await told;
  await new Promise(resolve => setImmediate(resolve));
  assert.ok(watched.has(join(volumes, 'fresh')));
});

test('a volume that was removed and made again under its name is watched anew', async () => {
  const folder = join(root, 'volumes', 'data');
  await mkdir(folder);
  let wake = () => {};
  const next = () =>
    new Promise<void>(resolve => {
      wake = resolve;
    });
  const stop = events.listen(() => wake());
  const alive = setInterval(() => {}, 1000);
  // Told after a look, so that the folder is watched by then.
  const looked = next();
  await writeFile(join(folder, 'record.json'), '{}');
  await writeFile(join(root, 'volumes', 'x'), '');
  await looked;
  const made = next();
  await rename(folder, join(root, 'volumes', '.removed-1'));
  await mkdir(folder);
  await made;
  const written = next();
  await writeFile(join(folder, 'record.json'), '{}');
  await written;
  clearInterval(alive);
  stop();
});

test('a watch that the kernel refuses is told once with the remedy, and tried again', () => {
  const said: string[] = [];
  let refused = 0;
  events = new StoreEvents(storePaths(root), {
    onBlind: message => said.push(message),
    files: {
      list: async () => [],
      watch: folder => {
        refused++;
        throw Object.assign(new Error(`ENOSPC: System limit reached, watch '${folder}'`), { code: 'ENOSPC' });
      },
    },
  });
  events.listen(() => {})();
  events.listen(() => {})();
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /are not seen: ENOSPC.* fs\.inotify\.max_user_watches/);
  assert.equal(refused, 10);
});

test('a log that grows is no change', async () => {
  const folder = join(root, 'containers', 'b'.repeat(64));
  await mkdir(folder);
  await writeFile(join(folder, 'log'), '');
  const kinds = await after(async () => {
    await appendFile(join(folder, 'log'), 'x\n');
    await writeFile(join(root, 'references', 'x.json'), '{}');
  });
  assert.deepEqual(kinds, ['image']);
});
