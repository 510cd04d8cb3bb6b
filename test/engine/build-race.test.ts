import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { isSampanError } from '../../server/common/errors.ts';
import { testBuild } from './build-bench.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

/** Swaps two names for ever, in a thread of its own. */
function flip(one: string, two: string): Worker {
  const script = `
    const { renameSync } = require('node:fs');
    const [one, two] = require('node:worker_threads').workerData;
    for (;;) {
      renameSync(one, one + '.aside');
      renameSync(two, one);
      renameSync(one, two);
      renameSync(one + '.aside', one);
    }`;
  return new Worker(script, { eval: true, workerData: [one, two] });
}

test('a folder that is swapped for a link while it is copied never gives what the link leads to', {
  skip,
}, async () => {
  const files = Object.fromEntries(['a', 'b', 'c', 'd/a'].map(name => [name, 'inside'.repeat(5000)]));
  const build = testBuild(
    bench,
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`dir/${name}`, text])),
  );
  const outside = join(bench.base, 'outside');
  mkdirSync(join(outside, 'd'), { recursive: true });
  for (const name of Object.keys(files)) writeFileSync(join(outside, name), 'SECRET'.repeat(5000));
  const link = join(build.directory, 'link');
  symlinkSync(outside, link);
  const flipper = flip(join(build.directory, 'dir'), link);
  try {
    for (let round = 0; round < 12; round++) {
      const dockerfile = 'FROM busybox\nCOPY dir /d\nRUN ! grep -r SECRET /d\n';
      await build.run(dockerfile, { noCache: true }).catch(error => {
        assert.ok(isSampanError(error), String(error));
        assert.match(error.message, /not found|no longer the regular file|is not what it was/);
      });
    }
  } finally {
    await flipper.terminate();
  }
});
