import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { protocolVersion } from '../../server/protocol/version.ts';
import { eventually, holderPids } from '../runtime/support/sandbox.ts';
import { type CommandSandbox, cannotRun, commandServer, dist, openSandbox } from './sandbox.ts';

const server = fileURLToPath(new URL('../../dist/server.js', import.meta.url));

/** A server process as a window starts it, to be killed. */
async function startWindow(
  sandbox: CommandSandbox,
): Promise<{ child: ChildProcess; connection: MessageConnection }> {
  const child = spawn(process.execPath, [server, '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: sandbox.environment,
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout as NodeJS.ReadableStream),
    new StreamMessageWriter(child.stdin as NodeJS.WritableStream),
  );
  connection.onClose(() => undefined);
  connection.listen();
  await connection.sendRequest('sampan/hello', { protocol: protocolVersion, client: 'test' });
  return { child, connection };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function writeContext(sandbox: CommandSandbox, name: string, files: Record<string, string>): string {
  const folder = join(sandbox.folder, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

/** Processes that have a file open or a mount below the folder. */
function processesUsing(folder: string): number[] {
  const uses = (pid: number) => {
    try {
      const files = readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
      return (
        files.some(file => file.startsWith(folder)) ||
        readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(folder)
      );
    } catch {
      return false; // it ended meanwhile, or is not ours
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && pid !== process.pid && uses(pid));
}

/** One clear sentence that names the thing, a hint or excerpt at most, and no stack trace. */
function assertClear(text: string, pattern: RegExp): void {
  assert.match(text, pattern);
  assert.doesNotMatch(text, /\n\s+at .*:\d+/);
}

describe('faults', { skip: cannotRun }, () => {
  let sandbox: CommandSandbox;
  before(async () => {
    sandbox = await openSandbox();
  });
  after(() => sandbox.remove());

  /** Container processes, monitors and sessions are gone; holder and command server may still wait for work. */
  const nothingRuns = () =>
    eventually('all processes of the sandbox end', () => {
      const run = sandbox.environment.SAMPAN_RUN ?? '';
      const waiting = [...holderPids(run), commandServer(run)];
      return processesUsing(sandbox.folder).every(pid => waiting.includes(pid));
    });

  it('a server killed in mid-build leaves no image, no process, and the next build works', async () => {
    const context = writeContext(sandbox, 'killed', {
      Dockerfile: 'FROM base\nRUN echo started && sleep 600\n',
    });
    const { child, connection } = await startWindow(sandbox);
    const started = new Promise<void>(resolve =>
      connection.onNotification('sampan/build/event', ({ event }) => {
        if (event.kind === 'output' && event.text.includes('started')) resolve();
      }),
    );
    const request = {
      contextDirectory: context,
      dockerfile: join(context, 'Dockerfile'),
      tags: ['killed'],
      network: 'none',
      token: 't',
    };
    connection.sendRequest('sampan/build', request).catch(() => undefined);
    await started;
    await kill(child);
    assert.doesNotMatch(await sandbox.ok('images'), /killed/);
    writeFileSync(join(context, 'Dockerfile'), 'FROM base\nRUN echo started\n');
    await sandbox.ok('build', '--network', 'none', '-t', 'killed', context);
    assert.match(await sandbox.ok('images'), /killed/);
    await nothingRuns();
  });

  it('a container outlives the server that started it, and another one stops it', async () => {
    const { child, connection } = await startWindow(sandbox);
    const options = {
      image: 'base',
      name: 'survivor',
      command: ['sh', '-c', 'echo up; exec sleep 600'],
      network: 'none',
    };
    await connection.sendRequest('sampan/container/create', { options });
    await connection.sendRequest('sampan/container/start', { container: 'survivor' });
    await kill(child);
    assert.match(await sandbox.ok('ps'), /survivor/);
    assert.equal(await sandbox.ok('logs', 'survivor'), 'up');
    await sandbox.ok('stop', '-t', '0', 'survivor');
    assert.equal(await sandbox.ok('wait', 'survivor'), '137');
    await sandbox.ok('rm', 'survivor');
    await nothingRuns();
  });

  it('a killed holder takes no container along', async () => {
    await sandbox.ok('run', '-d', '--name', 'orphan', '--network', 'none', 'base', 'sleep', '600');
    const [holder] = holderPids(sandbox.environment.SAMPAN_RUN ?? '').sort((a, b) => a - b);
    process.kill(holder as number, 'SIGKILL');
    assert.match(await sandbox.ok('ps'), /orphan/);
    assert.equal(await sandbox.ok('exec', 'orphan', 'echo', 'still here'), 'still here');
    await sandbox.ok('rm', '-f', 'orphan');
    await nothingRuns();
  });

  it('a killed monitor is seen as an exit with a reason, and its process is gone', async () => {
    const id = await sandbox.ok(
      'run',
      '-d',
      '--name',
      'headless',
      '--network',
      'none',
      'base',
      'sleep',
      '600',
    );
    const state = JSON.parse(await sandbox.ok('inspect', '--format', '{{json .State}}', id));
    const monitor = JSON.parse(
      readFileSync(join(sandbox.environment.SAMPAN_ROOT ?? '', 'containers', id, 'state.json'), 'utf8'),
    ).monitor.pid;
    process.kill(monitor, 'SIGKILL');
    await eventually('the process ends with its monitor', () => {
      try {
        process.kill(state.Pid, 0);
        return false;
      } catch {
        return true;
      }
    });
    const [after] = JSON.parse(await sandbox.ok('inspect', id));
    assert.equal(after.State.Status, 'exited');
    assert.notEqual(after.State.Error, '');
    await sandbox.ok('rm', id);
    await nothingRuns();
  });

  it('a Dockerfile with errors names the line and makes nothing', async () => {
    const context = writeContext(sandbox, 'broken', { Dockerfile: 'FROM base\nEXPOSE nonsense\n' });
    const { code, stderr } = await sandbox.sampan(['build', '-t', 'broken', context]);
    assert.equal(code, 1);
    assertClear(stderr, /nonsense/);
    assert.match(stderr, />>> EXPOSE nonsense/);
    assert.doesNotMatch(await sandbox.ok('images'), /broken/);
  });

  it('a missing COPY source names the file and the line, before an expensive RUN starts', async () => {
    const context = writeContext(sandbox, 'missing', {
      Dockerfile: 'FROM base\nRUN sleep 600\nCOPY absent.txt /\n',
    });
    const { code, stderr } = await sandbox.sampan(['build', '--network', 'none', context]);
    assert.equal(code, 1);
    assertClear(stderr, /absent\.txt/);
    assert.match(stderr, />>> COPY absent\.txt/);
  });

  it('an image that is not here and a registry that is down give one clear message', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as { port: number };
    closed.close();
    const { code, stderr } = await sandbox.sampan(['run', '--rm', `127.0.0.1:${port}/nothing:1`]);
    assert.equal(code, 125);
    assertClear(stderr, new RegExp(`127\\.0\\.0\\.1:${port}`));
    const none = await sandbox.sampan(['run', '--pull', 'never', 'no-such-image']);
    assert.equal(none.code, 125);
    assertClear(none.stderr, /no-such-image/);
  });

  it('a port in use is named, and the container can be started when it is free', async t => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const publish = `127.0.0.1:${port}:80`;
    const { code, stderr } = await sandbox.sampan([
      'run',
      '-d',
      '--name',
      'ported',
      '-p',
      publish,
      'base',
      'sleep',
      '600',
    ]);
    assert.equal(code, 125);
    assertClear(stderr, new RegExp(`${port}`));
    taken.close();
    await once(taken, 'close');
    await sandbox.ok('start', 'ported');
    await sandbox.ok('rm', '-f', 'ported');
  });

  it('a name that is taken is refused and the first container is untouched', async () => {
    const id = await sandbox.ok('create', '--name', 'once', 'base');
    const { code, stderr } = await sandbox.sampan(['create', '--name', 'once', 'base']);
    assert.equal(code, 1);
    assertClear(stderr, /once/);
    assert.equal(await sandbox.ok('inspect', '--format', '{{.Id}}', 'once'), id);
    await sandbox.ok('rm', 'once');
  });

  it('two builds of the same Dockerfile at once both succeed and give one image', async () => {
    const context = writeContext(sandbox, 'twice', {
      Dockerfile: 'FROM base\nRUN echo a >/a\nRUN echo b >/b\n',
    });
    const build = (tag: string) => sandbox.ok('build', '--network', 'none', '-t', tag, context);
    await Promise.all([build('twice:1'), build('twice:2')]);
    assert.equal(await sandbox.ok('run', '--rm', '--network', 'none', 'twice:1', 'cat', '/a', '/b'), 'a\nb');
    assert.equal(await sandbox.ok('run', '--rm', '--network', 'none', 'twice:2', 'cat', '/a', '/b'), 'a\nb');
  });

  it('four containers with one name started at once: exactly one wins', async () => {
    const attempts = await Promise.all(
      [1, 2, 3, 4].map(() =>
        sandbox.sampan(['run', '-d', '--name', 'race', '--network', 'none', 'base', 'sleep', '600']),
      ),
    );
    assert.deepEqual(attempts.map(one => one.code).sort(), [0, 125, 125, 125]);
    await sandbox.ok('rm', '-f', 'race');
    await nothingRuns();
  });

  it('export and save end without a word when nobody reads any more', async () => {
    await sandbox.ok('create', '--name', 'piped', 'base');
    for (const line of ['export piped', 'save base']) {
      // The shell tells how the command ended after head took one byte and left.
      const script = `{ "$0" ${line}; echo "ended with $?" >&2; } | head -c 1`;
      const child = spawn('sh', ['-c', script, join(dist, 'sampan')], {
        env: sandbox.environment,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', chunk => {
        stderr += chunk;
      });
      await once(child, 'close');
      assert.equal(stderr, 'ended with 141\n');
    }
    await sandbox.ok('rm', 'piped');
  });
});
