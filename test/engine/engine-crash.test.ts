import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { engineUnavailable, eventually, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

/** A server in a process of its own that has begun. */
async function startServer(act: 'run' | 'churn'): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'crash-server.ts');
  const child = spawn(process.execPath, [script, bench.root, bench.run, act], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return child;
}

/** The recovery in the background may be faster in finishing a removal. */
function unlessRecovered(error: unknown): void {
  if (!isSampanError(error, 'not-found')) throw error;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a server killed in mid-run loses no container; the next one steers and tidies', { skip }, async () => {
  await kill(await startServer('run'));
  const next = await bench.reopen();
  assert.equal((await next.containers.get('survivor')).status, 'running');
  await next.containers.stop('survivor', { timeoutSeconds: 0 });
  assert.equal((await next.containers.get('survivor')).exitCode, 137);
  await next.containers.remove('survivor');

  // The next server watches the --rm container of the killed one.
  await next.containers.kill('brief', 'KILL');
  await next.containers.wait('brief', { condition: 'removed' }).catch(unlessRecovered);
  await eventually('its volume is gone', async () => (await next.volumes.list()).length === 0);
});

test('servers killed at any moment of create, start and remove leave nothing behind', { skip }, async () => {
  for (const delay of [0, 7, 19, 31, 47, 83]) {
    const child = await startServer('churn');
    await new Promise(resolve => setTimeout(resolve, delay)); // any moment will do
    await kill(child);
    const next = await bench.reopen();
    for (const { id } of await next.containers.list({ all: true }))
      await next.containers.remove(id, { force: true, volumes: true }).catch(unlessRecovered);
    await next.containers.remove((await next.containers.create({ image: 'busybox', name: 'again' })).id);
    await next.close();
    const left = async (folder: string) =>
      (await readdir(join(bench.root, folder))).filter(name => !name.startsWith('.'));
    assert.deepEqual(await left('containers'), [], `containers after ${delay} ms`);
    assert.deepEqual(await left('names'), [], `names after ${delay} ms`);
    assert.deepEqual(await left('active'), [], `snapshots after ${delay} ms`);
    assert.deepEqual(await left('volumes'), [], `volumes after ${delay} ms`);
  }
});
