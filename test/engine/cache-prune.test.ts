import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chosenForPrune } from '../../server/engine/build/cachePrune.ts';
import type { CacheEntry } from '../../server/engine/build/types.ts';
import { testBuild } from './build-bench.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

describe('chosenForPrune', () => {
  const now = Date.parse('2024-01-10T00:00:00Z');
  const entry = (id: string, hoursAgo: number, more: Partial<CacheEntry> = {}): CacheEntry => ({
    id,
    kind: 'step',
    description: id,
    bytes: 10,
    usedAt: new Date(now - hoursAgo * 3600_000).toISOString(),
    isShared: false,
    ...more,
  });
  const entries = [
    entry('new', 1),
    entry('old', 48),
    entry('shared', 72, { isShared: true }),
    entry('mid', 12),
  ];
  const chosen = (policy: Parameters<typeof chosenForPrune>[1]) =>
    chosenForPrune(entries, policy, now).map(({ id }) => id);

  test('takes what no image has, least recently used first; with all everything', () => {
    assert.deepEqual(chosen({ all: false }), ['old', 'mid', 'new']);
    assert.deepEqual(chosen({ all: true }), ['shared', 'old', 'mid', 'new']);
  });

  test('leaves what was used lately, and the newest up to a size', () => {
    assert.deepEqual(chosen({ all: false, unusedMs: 24 * 3600_000 }), ['old']);
    assert.deepEqual(chosen({ all: false, keepBytes: 10 }), ['old', 'mid']);
    assert.deepEqual(chosen({ all: false, keepBytes: 25 }), ['old']);
    assert.deepEqual(chosen({ all: false, keepBytes: 10, unusedMs: 24 * 3600_000 }), ['old']);
  });
});

describe('the build cache', { skip: engineUnavailable() ?? false }, () => {
  let bench: TestEngine;
  before(async () => {
    bench = await openTestEngine();
  });
  after(() => bench.close());

  const dockerfile =
    'FROM busybox\nRUN --mount=type=cache,target=/c echo kept >> /c/f; wc -l < /c/f; head -c 5000 /dev/zero > /big\n';

  test('is measured and pruned: layers of nobody and cache mounts go at once, images stay whole', async () => {
    const build = testBuild(bench);
    assert.equal((await build.run(dockerfile, { tags: ['kept:1'] })).output.trim(), '1');
    await build
      .run('FROM busybox\nRUN head -c 7000 /dev/zero > /untagged\n', { outputs: [{ kind: 'none' }] })
      .catch(() => undefined);
    const before = await bench.engine.diskUsage();
    const steps = before.cache.entries.filter(entry => entry.kind === 'step');
    assert.deepEqual(steps.map(entry => [entry.bytes, entry.isShared]).sort(), [
      [5000, true],
      [7000, false],
    ]);
    assert.equal(before.cache.entries.filter(entry => entry.kind === 'mount').length, 1);
    const pruned = await bench.engine.pruneCache({ all: false });
    assert.equal(pruned.entries.length, 2);
    assert.ok(pruned.bytes >= 7000, String(pruned.bytes));
    const after = await bench.engine.diskUsage();
    assert.deepEqual(
      after.cache.entries.map(entry => entry.bytes),
      [5000],
    );
    assert.deepEqual(after.images, before.images);
    assert.equal((await build.run(dockerfile)).hits, 'H');
    assert.equal((await bench.engine.pruneCache({ all: true })).entries.length, 1);
    assert.equal(
      (await build.run(dockerfile, { tags: ['kept:1'] })).output.trim(),
      '1',
      'the mount was emptied',
    );
    const { stdout } = await bench.runToEnd({
      image: 'kept:1',
      network: 'none',
      command: ['wc', '-c', '/big'],
    });
    assert.match(stdout, /5000/);
  });

  test('a cache mount that a step is using is left alone', async () => {
    const build = testBuild(bench);
    let isRunning = () => {};
    const running = new Promise<void>(resolve => {
      isRunning = resolve;
    });
    const stop = new AbortController();
    const using = build.run('FROM busybox\nRUN --mount=type=cache,target=/used echo in; sleep 60\n', {
      signal: stop.signal,
      onProgress: event => void (event.kind === 'output' && isRunning()),
    });
    using.catch(() => undefined);
    await running;
    const { entries } = await bench.engine.pruneCache({ all: true });
    assert.deepEqual(entries.filter(entry => entry.kind === 'mount' && entry.bytes === 0).length, 0);
    stop.abort();
    await assert.rejects(using);
    assert.ok((await bench.engine.pruneCache({ all: true })).entries.some(entry => entry.kind === 'mount'));
  });

  test('volumes and containers are measured, and count as used while they are', async () => {
    await bench.runToEnd({
      image: 'busybox',
      network: 'none',
      command: ['sh', '-c', 'head -c 3000 /dev/zero > /v/f; head -c 2000 /dev/zero > /g'],
      mounts: [
        {
          type: 'volume',
          source: 'measured',
          target: '/v',
          readOnly: false,
          options: [],
          createSource: false,
        },
      ],
    });
    const { volumes, containers, images } = await bench.engine.diskUsage();
    assert.ok((volumes.sizes.get('measured') ?? 0) >= 3000);
    assert.equal(volumes.active, 1);
    assert.equal(containers.active, 0);
    assert.ok(containers.reclaimable >= 2000);
    assert.ok(images.bytes > 0);
  });
});
