import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { readLog } from '../../server/engine/container/log.ts';
import { parseTimeFilter } from '../../server/engine/container/logFormat.ts';
import type { LogOptions } from '../../server/engine/container/types.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sampan-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (text: string, second = 0) =>
  `${JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: `2026-01-01T00:00:0${second}.5Z` })}\n`;
const read = (options: Partial<LogOptions> = {}, over = true) =>
  readLog(folder, { follow: false, maxBytes: 1e6, ...options }, async () => over);
const texts = (page: Awaited<ReturnType<typeof readLog>>) =>
  page.records.map(record => record.text.trimEnd());

test('a log is read oldest first across rotated files', async () => {
  await writeFile(join(folder, 'log.2'), line('a'));
  await writeFile(join(folder, 'log.1'), line('b'));
  await writeFile(join(folder, 'log'), line('c') + line('d'));
  const page = await read();
  assert.deepEqual(texts(page), ['a', 'b', 'c', 'd']);
  assert.ok(page.end);
});

test('a container that never logged has an empty log', async () => {
  assert.deepEqual(await read(), { records: [], cursor: '', end: true });
});

test('tail counts lines backward across files', async () => {
  await writeFile(join(folder, 'log.1'), line('a') + line('b'));
  await writeFile(join(folder, 'log'), line('c') + line('d'));
  const cases: [number, string[]][] = [
    [0, []],
    [1, ['d']],
    [2, ['c', 'd']],
    [3, ['b', 'c', 'd']],
    [4, ['a', 'b', 'c', 'd']],
    [9, ['a', 'b', 'c', 'd']],
  ];
  for (const [tail, expected] of cases)
    assert.deepEqual(texts(await read({ tail })), expected, `tail ${tail}`);
});

test('tail finds its place in a log longer than a chunk', async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => line(`line ${index}`));
  await writeFile(join(folder, 'log'), lines.join(''));
  assert.deepEqual(texts(await read({ tail: 3 })), ['line 4997', 'line 4998', 'line 4999']);
  assert.equal((await read({ tail: 4000 })).records[0]?.text, 'line 1000\n');
});

test('pages of any size give every record once, also when the log is rotated between them', async () => {
  await writeFile(join(folder, 'log'), line('a') + line('b'));
  const first = await read({ maxBytes: 1 });
  assert.deepEqual(texts(first), ['a']);
  assert.ok(!first.end);
  await rename(join(folder, 'log'), join(folder, 'log.1'));
  await writeFile(join(folder, 'log'), line('c'));
  const second = await read({ cursor: first.cursor });
  assert.deepEqual(texts(second), ['b', 'c']);
});

test('a cursor into a file that rotation deleted goes on with the oldest that is left', async () => {
  await writeFile(join(folder, 'log'), line('b'));
  assert.deepEqual(texts(await read({ cursor: '1:100' })), ['b']);
});

test('an unfinished line is left for later and a damaged one is skipped', async () => {
  await writeFile(join(folder, 'log'), `${line('a')}{"log":"x\n${line('b')}${line('c').slice(0, 20)}`);
  const page = await read();
  assert.deepEqual(texts(page), ['a', 'b']);
});

test('since and until cut by time, until ends a follow', async () => {
  await writeFile(join(folder, 'log'), line('a', 1) + line('b', 2) + line('c', 3));
  const page = await read({ since: '2026-01-01T00:00:02Z', until: '2026-01-01T00:00:03Z' });
  assert.deepEqual(texts(page), ['b']);
  const follow = await read({ follow: true, until: '2026-01-01T00:00:01Z' }, false);
  assert.deepEqual(follow.records, []);
  assert.ok(follow.end);
});

test('follow waits for a record, then for the end', async () => {
  await writeFile(join(folder, 'log'), line('a'));
  const first = await read({ follow: true }, false);
  const waiting = read({ follow: true, cursor: first.cursor }, false);
  await appendFile(join(folder, 'log'), line('b'));
  const second = await waiting;
  assert.deepEqual(texts(second), ['b']);

  let over = false;
  const last = readLog(folder, { follow: true, maxBytes: 1e6, cursor: second.cursor }, async () => over);
  over = true;
  await writeFile(join(folder, 'state.json'), '{}');
  const end = await last;
  assert.ok(end.end);
  assert.deepEqual(end.records, []);
});

test('a follow that is cancelled rejects', async () => {
  await writeFile(join(folder, 'log'), '');
  const abort = new AbortController();
  const waiting = read({ follow: true, signal: abort.signal }, false);
  abort.abort();
  await assert.rejects(waiting, { code: 'cancelled' });
});

test('times are RFC 3339, dates, unix seconds and durations back', () => {
  const now = Date.parse('2026-01-01T01:00:00Z');
  assert.equal(parseTimeFilter('2026-01-01T00:00:00.123456789Z', now), 1767225600123456789n);
  assert.equal(parseTimeFilter('1767225600.5', now), 1767225600500000000n);
  assert.equal(parseTimeFilter('1h', now), 1767225600000000000n);
  assert.equal(parseTimeFilter('59m60s', now), 1767225600000000000n);
  assert.equal(parseTimeFilter('2026-01-01', now), BigInt(new Date(2026, 0, 1).getTime()) * 1_000_000n);
  for (const text of ['foo', '', '1x', '2026-13-45'])
    assert.throws(() => parseTimeFilter(text, now), { code: 'invalid-argument' });
});

test('a malformed cursor is refused', async () => {
  await assert.rejects(read({ cursor: 'x' }), { code: 'invalid-argument' });
});
