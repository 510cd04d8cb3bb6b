import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { AttachSession, type SessionEnd } from '../../client/terminal/attachSession.ts';
import { encodeFrame, FrameDecoder, Stream } from '../../server/protocol/attach.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sampan-attach-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A session and the monitor's side of its socket. */
async function connected() {
  const path = join(folder, 's');
  const server = createServer().listen(path);
  await once(server, 'listening');
  let output = '';
  let ended: (end: SessionEnd) => void = () => {};
  const end = new Promise<SessionEnd>(resolve => {
    ended = resolve;
  });
  const session = new AttachSession(path, {
    onOutput: (stream, text) => {
      output += `${stream}:${text};`;
    },
    onEnd: ended,
  });
  const [monitor] = (await once(server, 'connection')) as [Socket];
  server.close();
  return { session, monitor, end, output: () => output };
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('a session passes output on and tells the exit code', async () => {
  const { monitor, end, output } = await connected();
  const word = bytes('é');
  monitor.write(encodeFrame(Stream.stdout, word.subarray(0, 1)));
  monitor.write(encodeFrame(Stream.stderr, bytes('no')));
  monitor.write(encodeFrame(Stream.stdout, word.subarray(1)));
  monitor.end(encodeFrame(Stream.exit, bytes('{"exitCode":3}')));
  assert.deepEqual(await end, { exit: { exitCode: 3 } });
  assert.equal(output(), 'stdout:;stderr:no;stdout:é;');
});

test('a session sends input, size and signals in frames', async () => {
  const { session, monitor } = await connected();
  const frames: [number, number[]][] = [];
  const decoder = new FrameDecoder((stream, payload) => frames.push([stream, [...payload]]));
  monitor.on('data', chunk => decoder.push(chunk));
  session.write(bytes('ls'));
  session.resize({ rows: 24, columns: 300 });
  session.signal(2);
  session.endInput();
  while (frames.length < 4) await once(monitor, 'data');
  assert.deepEqual(frames, [
    [Stream.stdin, [108, 115]],
    [Stream.resize, [0, 24, 1, 44]],
    [Stream.signal, [2]],
    [Stream.stdinEnd, []],
  ]);
  session.close();
  await once(monitor, 'close');
});

test('a lost connection ends the session without an exit code', async () => {
  const { monitor, end } = await connected();
  monitor.destroy();
  assert.deepEqual(await end, {});
});

test('a socket that is not there ends the session with the reason', async () => {
  const end = await new Promise<SessionEnd>(resolve => {
    new AttachSession(join(folder, 'missing'), { onOutput: () => {}, onEnd: resolve });
  });
  assert.match(end.error?.message ?? '', /ENOENT/);
});
