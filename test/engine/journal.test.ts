import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  decodeEvent,
  type EngineEvent,
  encodeEvent,
  eventFilter,
} from '../../server/engine/journal/event.ts';
import { journalMax, openJournal } from '../../server/engine/journal/journal.ts';
import { readEvents } from '../../server/engine/journal/read.ts';
import { loadNative } from '../../server/engine/native.ts';
import { dist } from './store-support.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sj-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const warnings: string[] = [];
const journal = () =>
  openJournal({ folder, native: loadNative(dist), warn: message => warnings.push(message) });
const event = (name: string, attributes = {}): Omit<EngineEvent, 'time'> => ({
  type: 'container',
  action: name,
  actor: { id: 'abc123', attributes: { name: 'web', ...attributes } },
});
const actions = (page: { readonly events: readonly EngineEvent[] }) => page.events.map(one => one.action);
const past = () => String(Date.now() / 1000);

test('an event is read as it was written, nanoseconds and all', () => {
  const written = { ...event('start', { label: '{"Type":' }), time: 1_700_000_000_123_456_789n };
  assert.deepEqual(decodeEvent(encodeEvent(written).trimEnd()), written);
  const torn =
    encodeEvent(written).slice(0, 40) + encodeEvent({ ...written, actor: { id: 'b', attributes: {} } });
  assert.equal(decodeEvent(torn.trimEnd())?.actor.id, 'b');
  assert.equal(decodeEvent('{"Type":"container"'), undefined);
});

test('filters of one key are alternatives, labels must all hold', () => {
  const one = { ...event('health_status: healthy', { a: '1', b: '2', image: 'busybox:1' }), time: 1n };
  const passes = (filters: { [key: string]: string[] }) => eventFilter(filters)(one);
  assert.ok(passes({ event: ['die', 'health_status'], type: ['container'] }));
  assert.ok(
    passes({ container: ['web'] }) && passes({ container: ['abc'] }) && !passes({ container: ['we'] }),
  );
  assert.ok(passes({ label: ['a=1', 'b'] }) && !passes({ label: ['a=1', 'c'] }));
  assert.ok(
    passes({ image: ['busybox'] }) && passes({ image: ['busybox:1'] }) && !passes({ image: ['box'] }),
  );
  assert.ok(!passes({ type: ['image'] }));
  assert.throws(() => passes({ nosuch: ['1'] }), { code: 'invalid-argument' });
});

test('a journal whose folder is gone begins anew', async () => {
  const base = await mkdtemp(join(tmpdir(), 'sj-'));
  const inner = join(base, 'events');
  const events = openJournal({
    folder: inner,
    native: loadNative(dist),
    warn: message => warnings.push(message),
  });
  events.append(event('first'));
  events.append(event('second'));
  await events.settled();
  assert.deepEqual(actions(await readEvents(inner, { since: '1h', until: '0s' })), ['first', 'second']);
  assert.deepEqual(warnings, []);
  await rm(base, { recursive: true });
});

test('concurrent writers lose nothing, and a reader that follows sees all once', async () => {
  const writers = [journal(), journal(), journal()];
  const seen: string[] = [];
  assert.deepEqual(actions(await readEvents(folder, { until: past() })), []);
  let cursor: { cursor?: string } = {};
  for (let n = 0; n < 100; n++)
    for (const [w, writer] of writers.entries()) writer.append(event(`${w}-${n}`));
  while (seen.length < 300) {
    const page = await readEvents(folder, { since: '1', ...cursor });
    seen.push(...actions(page));
    cursor = { cursor: page.cursor };
  }
  assert.equal(new Set(seen).size, 300);
  for (const w of [0, 1, 2])
    assert.deepEqual(
      seen.filter(action => action.startsWith(`${w}-`)),
      Array.from({ length: 100 }, (_, n) => `${w}-${n}`),
    );
  assert.deepEqual(warnings, []);
});

test('a line that a crash cut short costs no other', async () => {
  const path = join(folder, 'journal');
  await truncate(path, (await stat(path)).size - 20);
  const writer = journal();
  writer.append(event('after'));
  await writer.settled();
  const page = await readEvents(folder, { since: '1', until: past() });
  assert.equal(page.events.length, 300);
  assert.equal(actions(page).at(-1), 'after');
});

test('a full journal becomes the older one, and a reader in the middle of it misses nothing', async () => {
  const start = await readEvents(folder, { since: '1' });
  const path = join(folder, 'journal');
  const writer = journal();
  writer.append(event('before'));
  await writer.settled();
  await appendFile(path, `${'x'.repeat(journalMax)}\n`);
  writer.append(event('last of the old'));
  writer.append(event('first of the new'));
  await writer.settled();
  assert.ok((await stat(join(folder, 'journal.1'))).size > journalMax);
  assert.ok((await stat(path)).size < 1000);
  const old = await readEvents(folder, { cursor: start.cursor });
  const fresh = await readEvents(folder, { cursor: old.cursor });
  assert.deepEqual([...actions(old), ...actions(fresh)], ['before', 'last of the old', 'first of the new']);
  await appendFile(path, `${'x'.repeat(journalMax)}\n`);
  writer.append(event('next'));
  await writer.settled();
  assert.doesNotMatch(await readFile(join(folder, 'journal.1'), 'utf8'), /last of the old/);
});

test('a time that is to come is waited for, one that is no time is refused', async () => {
  const now = Date.now() / 1000;
  const late = await readEvents(folder, { since: String(now), until: String(now + 0.03) });
  assert.deepEqual(late, { ...late, events: [], end: true });
  await assert.rejects(readEvents(folder, { since: 'foo' }), { code: 'invalid-argument' });
  await assert.rejects(readEvents(folder, { cursor: 'foo' }), { code: 'invalid-argument' });
  const stop = new AbortController();
  const waiting = readEvents(folder, { signal: stop.signal });
  stop.abort();
  await assert.rejects(waiting, { code: 'cancelled' });
});
