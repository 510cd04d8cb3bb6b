import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CommandSandbox, cannotRun, commandServer, dist, openSandbox } from './sandbox.ts';

describe('front', { skip: cannotRun }, () => {
  let sandbox: CommandSandbox;
  before(async () => {
    sandbox = await openSandbox();
  });
  after(() => sandbox.remove());

  const run = () => sandbox.environment.SAMPAN_RUN ?? '';
  const socket = () => join(run(), 'commands.sock');

  const serverPid = () => commandServer(run());

  function begin(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(join(dist, 'sampan'), args, {
      env: { ...sandbox.environment, ...environment },
      cwd: sandbox.folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  /** Ends whatever way a test ended. */
  async function withCommand(child: ChildProcess, use: () => Promise<void>): Promise<void> {
    const closed = once(child, 'close');
    try {
      await use();
    } finally {
      child.kill('SIGKILL');
      await closed;
    }
  }

  it('starts a server for a hot verb and uses it from then on', async () => {
    await sandbox.ok('ps');
    const server = serverPid();
    assert.ok(server);
    await sandbox.ok('images');
    assert.equal(serverPid(), server);
  });

  it('is replaced by Node for what no server does', async () => {
    await sandbox.ok('ps');
    const child = begin(['events']);
    await withCommand(child, () => eventually('it is Node', () => programOf(child) !== 'sampan'));
  });

  it('keeps folder and environment of each command apart', async () => {
    const folders = ['a', 'b'].map(name => join(sandbox.folder, name));
    for (const folder of folders) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'file.env'), `FROM_FILE=${basename(folder)}\n`);
    }
    const outputs = await Promise.all(
      folders.map(async folder => {
        const args = ['run', '--rm', '-e', 'WHERE', '--env-file', 'file.env', '-v', './:/mnt', 'base'];
        const child = spawn(join(dist, 'sampan'), [...args, 'sh', '-c', 'ls /mnt; echo $WHERE $FROM_FILE'], {
          env: { ...sandbox.environment, WHERE: folder },
          cwd: folder,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        return textOf(child);
      }),
    );
    assert.deepEqual(
      outputs,
      folders.map(folder => `file.env\n${folder} ${basename(folder)}\n`),
    );
  });

  it('needs a process of its own where the engine would read other variables', async () => {
    await sandbox.ok('ps');
    await sandbox.ok('run', '-d', '--name', 'quiet', 'base', 'sleep', '1000');
    const own = begin(['logs', '-f', 'quiet'], { HTTPS_PROXY: 'http://127.0.0.1:1' });
    await withCommand(own, () => eventually('it is Node', () => programOf(own) !== 'sampan'));
    await sandbox.ok('rm', '-f', 'quiet');
  });

  it('uses no server when SAMPAN_FRONT is 0', async () => {
    await endServer();
    const child = begin(['ps', '-q'], { SAMPAN_FRONT: '0' });
    assert.equal(await textOf(child), '');
    assert.equal(existsSync(socket()), false);
  });

  it('passes stdin, both outputs and the exit code', async () => {
    const input = 'x'.repeat(300_000);
    const result = await sandbox.sampan(
      ['run', '--rm', '-i', 'base', 'sh', '-c', 'cat; echo wrong >&2; exit 9'],
      { input },
    );
    assert.deepEqual(result, { code: 9, stdout: input, stderr: 'wrong\n' });
  });

  it('passes signals on', async () => {
    const args = [
      'run',
      '--rm',
      'base',
      'sh',
      '-c',
      'trap "exit 42" INT; echo ready; while :; do sleep 0.01; done',
    ];
    const child = begin(args);
    await withCommand(child, async () => {
      await once(child.stdout ?? child, 'data');
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      assert.equal(code, 42);
    });
  });

  it('ends by a signal that its command does not listen for', async () => {
    await sandbox.ok('run', '-d', '--name', 'silent', 'base', 'sleep', '1000');
    const child = begin(['logs', '-f', 'silent']);
    await withCommand(child, async () => {
      await eventually('the server has it', () => programOf(child) === 'sampan' && serverPid() !== undefined);
      child.kill('SIGQUIT');
      const [, signal] = await once(child, 'exit');
      assert.equal(signal, 'SIGQUIT');
    });
    await sandbox.ok('rm', '-f', 'silent');
  });

  it('leaves the container alone when it is killed', async () => {
    const child = begin(['run', '--name', 'flood', 'base', 'sh', '-c', 'yes | head -c 3000000; echo end']);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGKILL');
    assert.equal(await sandbox.ok('wait', 'flood'), '0');
    assert.match(await sandbox.ok('logs', '--tail', '1', 'flood'), /end/);
    await sandbox.ok('rm', 'flood');
  });

  it('works on when its server is killed', async () => {
    await sandbox.ok('ps');
    const server = serverPid() ?? 0;
    process.kill(server, 'SIGKILL');
    await eventually('it is gone', () => serverPid() !== server);
    await eventually('there is another', async () => {
      await sandbox.ok('ps');
      return serverPid() !== undefined;
    });
  });

  it('says so when the server ends before an accepted command', async () => {
    const child = begin(['run', '--name', 'cut', 'base', 'sh', '-c', 'echo begun; exec sleep 1000']);
    await withCommand(child, async () => {
      await once(child.stdout ?? child, 'data');
      process.kill(serverPid() ?? 0, 'SIGKILL');
      const [code] = await once(child, 'exit');
      assert.equal(code, 125);
    });
    assert.equal(await sandbox.ok('inspect', '--format', '{{.State.Status}}', 'cut'), 'running');
    await sandbox.ok('rm', '-f', 'cut');
  });

  it('does not use a server of another build, which leaves', async () => {
    const other = join(sandbox.folder, 'dist');
    cpSync(dist, other, { recursive: true });
    await sandbox.ok('ps');
    const server = serverPid();
    const child = spawn(join(other, 'sampan'), ['ps', '-q'], {
      env: sandbox.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.equal(await textOf(child), '');
    await eventually('the old one leaves', () => serverPid() !== server);
    rmSync(other, { recursive: true });
  });

  it('does not use a server whose store was made anew', async () => {
    const folder = join(sandbox.folder, 'anew');
    const environment = { SAMPAN_ROOT: join(folder, 'root'), SAMPAN_RUN: join(folder, 'run') };
    mkdirSync(folder);
    assert.equal(await textOf(begin(['ps', '-q'], environment)), '');
    await eventually('a server listens', () => existsSync(join(environment.SAMPAN_RUN, 'commands.sock')));
    // The first command may not have waited for it; this one has it open the store.
    assert.equal(await textOf(begin(['ps', '-q'], environment)), '');
    const first = commandServer(environment.SAMPAN_RUN);
    // In one step: the server may still be at work in it.
    renameSync(environment.SAMPAN_ROOT, join(folder, 'old'));
    mkdirSync(environment.SAMPAN_ROOT, { mode: 0o700 });
    assert.equal(await textOf(begin(['ps', '-q'], environment)), '');
    await eventually('the first leaves', () => commandServer(environment.SAMPAN_RUN) !== first);
    rmSync(folder, { recursive: true, maxRetries: 20 });
    await eventually('so does the second', () => commandServer(environment.SAMPAN_RUN) === undefined);
  });

  it('has a server that leaves when it is idle', async () => {
    await endServer();
    const child = begin(['ps', '-q'], { SAMPAN_FRONT_IDLE: '0.01' });
    await textOf(child);
    await eventually('it leaves', () => serverPid() === undefined);
    assert.equal(existsSync(socket()), false);
  });

  it('has a server that leaves when its socket is taken away', async () => {
    await sandbox.ok('ps');
    rmSync(socket());
    await eventually('it leaves', () => serverPid() === undefined);
  });

  /** The server goes as one of another build does. */
  async function endServer(): Promise<void> {
    rmSync(socket(), { force: true });
    await eventually('the server leaves', () => serverPid() === undefined);
  }
});

/** `sampan` while a front waits for a server, else what took its place. */
function programOf(child: ChildProcess): string {
  return basename(readlinkSync(`/proc/${child.pid}/exe`));
}

async function textOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  return text;
}

async function eventually(what: string, fact: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await fact())) {
    if (Date.now() > end) throw new Error(`${what}: not within a minute`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
