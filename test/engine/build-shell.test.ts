import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isSampanError, type SampanError } from '../../server/common/errors.ts';
import { encodeFrame, FrameDecoder, Stream } from '../../server/protocol/attach.ts';
import { testBuild } from './build-bench.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

/** Sends a script to a shell and gives what it wrote, when it has ended. */
function talk(socketPath: string, script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    let output = '';
    const decoder = new FrameDecoder((stream, payload) => {
      if (stream === Stream.stdout || stream === Stream.stderr) output += Buffer.from(payload).toString();
      if (stream !== Stream.exit) return;
      socket.destroy();
      resolve(output);
    });
    socket.on('data', chunk => decoder.push(chunk as Buffer)).on('error', reject);
    socket.write(encodeFrame(Stream.stdin, Buffer.from(script)));
    socket.write(encodeFrame(Stream.stdinEnd, new Uint8Array(0)));
  });
}

describe('a RUN that fails and is kept', { skip: engineUnavailable() ?? false }, () => {
  let bench: TestEngine;
  before(async () => {
    bench = await openTestEngine();
  });
  after(() => bench.close());

  const dockerfile = [
    'FROM busybox',
    'ARG NAME=value',
    'RUN echo before > /state',
    'USER app',
    'WORKDIR /tmp',
    'RUN --mount=type=secret,id=s,target=/tmp/secret,uid=1000 --mount=target=/context echo wrong > /tmp/made; false',
  ].join('\n');
  const options = { secrets: { s: { value: 'hidden' } } };

  async function failing(keepFailed: boolean): Promise<SampanError> {
    try {
      await testBuild(bench, { a: 'from context' }).run(dockerfile, { ...options, keepFailed });
    } catch (error) {
      assert.ok(isSampanError(error));
      return error;
    }
    return assert.fail('the build passed');
  }

  const leftovers = () => ({
    steps: readdirSync(join(bench.run, 'b')),
    tmp: readdirSync(join(bench.root, 'tmp')),
    active: readdirSync(join(bench.root, 'active')),
  });

  test('has a shell in the state right before it, with its user, variables and mounts, and leaves nothing', async () => {
    const { detail } = await failing(true);
    assert.equal(detail.line, 6);
    assert.equal(detail.exitCode, 1);
    const id = String(detail.failedStep);
    const builder = bench.engine.builder;
    const before = leftovers();
    const script =
      'id -u; pwd; echo $NAME; cat /state /tmp/secret /context/a; ls /tmp/made; echo changed > /tmp/new\n';
    const { attachSocket } = await builder.openShell(id, { tty: false });
    assert.equal(
      await talk(attachSocket, script),
      '1000\n/tmp\nvalue\nbefore\nhiddenfrom contextls: /tmp/made: No such file or directory\n',
    );
    const again = await builder.openShell(id, { tty: false, args: ['ls', '/tmp/new'] });
    assert.match(await talk(again.attachSocket, ''), /No such file/);
    await builder.forget(id);
    assert.deepEqual(leftovers(), before);
    await assert.rejects(builder.openShell(id, { tty: false }), { code: 'not-found' });
  });

  test('ends with its shell when it is forgotten, also one that nobody connected to', async () => {
    const id = String((await failing(true)).detail.failedStep);
    const before = leftovers();
    await bench.engine.builder.openShell(id, { tty: true, args: ['sleep', '1000'] });
    const running = await bench.engine.builder.openShell(id, { tty: false, args: ['sleep', '1000'] });
    const ended = talk(running.attachSocket, '');
    await bench.engine.builder.forget(id);
    assert.equal(await ended, '');
    assert.deepEqual(leftovers(), before);
  });

  test('ends with the engine', async () => {
    const engine = await bench.reopen();
    const build = testBuild({ ...bench, engine }, { a: '' });
    const error = await build
      .run(dockerfile, { ...options, keepFailed: true })
      .catch(one => one as SampanError);
    assert.ok(isSampanError(error));
    await engine.builder.openShell(String(error.detail.failedStep), { tty: false, args: ['sleep', '1000'] });
    await engine.close();
    const { steps, active } = leftovers();
    assert.deepEqual([steps, active], [[], []]);
  });

  test('is not kept unless that is asked for', async () => {
    assert.equal((await failing(false)).detail.failedStep, undefined);
  });
});
