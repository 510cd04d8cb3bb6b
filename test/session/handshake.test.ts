import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CancellationTokenSource, ResponseError } from 'vscode-jsonrpc/node';
import { sampanErrorNumber } from '../../server/protocol/errors.ts';
import { protocolVersion } from '../../server/protocol/version.ts';
import { startServer } from './client.ts';

const addon = fileURLToPath(new URL('../../dist/sampan.node', import.meta.url));
const needsBuild = existsSync(addon) ? false : 'dist/ is not built';

/** The failure of a request as the client sees it. */
async function failureOf(request: Promise<unknown>): Promise<ResponseError<{ code: string; hint?: string }>> {
  const error = await request.then(
    () => assert.fail('the request succeeded'),
    failure => failure,
  );
  assert.ok(error instanceof ResponseError);
  return error;
}

test('hello answers with the protocol and the version', async () => {
  const server = startServer();
  const answer = await server.connection.sendRequest('sampan/hello', {
    protocol: protocolVersion,
    client: 'test',
  });
  assert.equal((answer as { protocol: number }).protocol, protocolVersion);
  await server.leave();
});

test('hello refuses another protocol and says which side is older', async () => {
  const server = startServer();
  const newer = await failureOf(
    server.connection.sendRequest('sampan/hello', { protocol: protocolVersion + 1, client: 'test' }),
  );
  assert.equal(newer.code, sampanErrorNumber);
  assert.equal(newer.data?.code, 'version-mismatch');
  assert.match(newer.message, /^The server is older than the client \(test\)/);
  const older = await failureOf(
    server.connection.sendRequest('sampan/hello', { protocol: protocolVersion - 1, client: 'test' }),
  );
  assert.match(older.message, /^The client \(test\) is older than the server/);
  await server.leave();
});

test('a request before hello is refused', async () => {
  const server = startServer();
  const error = await failureOf(server.connection.sendRequest('sampan/image/list', {}));
  assert.equal(error.data?.code, 'version-mismatch');
  await server.leave();
});

test('the server leaves when its client goes away', async () => {
  const server = startServer();
  await server.connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
  assert.equal(await server.leave(), 0);
});

test('exit after shutdown is orderly, without it is not', async () => {
  for (const [shutdown, code] of [
    [true, 0],
    [false, 1],
  ] as const) {
    const server = startServer();
    await server.connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
    if (shutdown) await server.connection.sendRequest('shutdown');
    await server.connection.sendNotification('exit');
    assert.equal(await server.leave(), code);
  }
});

test('a request that waits is cancelled', { skip: needsBuild }, async () => {
  // A registry that takes the connection and never answers.
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'sampan-session-'));
  const server = startServer({ SAMPAN_ROOT: join(folder, 'root'), SAMPAN_RUN: join(folder, 'run') });
  try {
    await server.connection.sendRequest('sampan/hello', { protocol: protocolVersion, client: 'test' });
    const { port } = silent.address() as AddressInfo;
    const cancellation = new CancellationTokenSource();
    const connected = once(silent, 'connection');
    const pull = failureOf(
      server.connection.sendRequest(
        'sampan/image/pull',
        { reference: `127.0.0.1:${port}/x:1` },
        cancellation.token,
      ),
    );
    await connected;
    cancellation.cancel();
    const error = await pull;
    assert.equal(error.code, sampanErrorNumber);
    assert.equal(error.data?.code, 'cancelled');
  } finally {
    await server.leave();
    silent.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
