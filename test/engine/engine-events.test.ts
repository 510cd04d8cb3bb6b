import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
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
