import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openAgent } from '../../server/engine/build/ssh/agent.ts';
import { testBuild } from './build-bench.ts';
import { findProgram } from './image-support.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

const programs = ['ssh-agent', 'ssh-add', 'ssh-keygen'].map(findProgram);
const noSsh = programs.includes(undefined) && 'openssh-client is not installed';

const kinds = [
  ['ed25519', []],
  ['rsa', ['-b', '2048']],
  ['ecdsa', ['-b', '256']],
  ['ecdsa', ['-b', '384']],
  ['ecdsa', ['-b', '521']],
] as const;

function makeKey(folder: string, name: string, args: readonly string[]): string {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', `comment of ${name}`, '-f', path, ...args]);
  return path;
}

describe('an SSH agent for builds', { skip: noSsh }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sh-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs `use` with the socket of an agent; what is in it is a child's affair, so nothing here may block. */
  async function serving(
    source: Parameters<typeof openAgent>[0],
    use: (socket: string) => Promise<void>,
  ): Promise<void> {
    const agent = await openAgent(source);
    const socket = join(mkdtempSync(join(folder, 's-')), 'agent');
    const server = createServer(agent).listen(socket);
    await once(server, 'listening');
    try {
      await use(socket);
    } finally {
      server.close();
    }
  }

  async function asked(program: string, args: readonly string[], socket: string) {
    const child = spawn(program, args, {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const [code] = await once(child, 'close');
    return { code, output };
  }

  test('holds keys of every kind, and ssh-keygen accepts what it signs', async () => {
    const keys = kinds.map(([type, args], index) => makeKey(folder, `key${index}`, ['-t', type, ...args]));
    keys.push(makeKey(folder, 'pem', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']));
    keys.push(makeKey(folder, 'pkcs8', ['-t', 'ecdsa', '-m', 'PKCS8']));
    await serving({ paths: keys }, async socket => {
      const { output } = await asked('ssh-add', ['-L'], socket);
      const blob = (path: string) => readFileSync(`${path}.pub`, 'utf8').split(' ')[1];
      assert.deepEqual(
        output
          .trim()
          .split('\n')
          .map(line => line.split(' ')[1]),
        keys.map(blob),
      );
      assert.match(output, /comment of key0/);
      const signed = join(folder, 'data');
      for (const key of keys) {
        rmSync(`${signed}.sig`, { force: true });
        writeFileSync(signed, 'what is signed');
        const made = await asked(
          'ssh-keygen',
          ['-Y', 'sign', '-n', 'test', '-f', `${key}.pub`, signed],
          socket,
        );
        assert.equal(made.code, 0, made.output);
        const checked = spawnSync(
          'ssh-keygen',
          ['-Y', 'check-novalidate', '-n', 'test', '-s', `${signed}.sig`],
          {
            input: 'what is signed',
            encoding: 'utf8',
          },
        );
        assert.equal(checked.status, 0, checked.stdout + checked.stderr);
      }
    });
  });

  test('refuses to change what the agent behind it holds', async () => {
    const key = makeKey(folder, 'behind', ['-t', 'ed25519']);
    const other = makeKey(folder, 'other', ['-t', 'ed25519']);
    await serving({ paths: [key] }, async behind => {
      await serving({ paths: [behind] }, async socket => {
        assert.match((await asked('ssh-add', ['-l'], socket)).output, /comment of behind/);
        for (const args of [['-D'], ['-d', key], [other]])
          assert.notEqual((await asked('ssh-add', args, socket)).code, 0, args.join());
        assert.match((await asked('ssh-add', ['-l'], socket)).output, /comment of behind/);
      });
    });
  });

  test('passes a raw socket on, whatever it speaks', async () => {
    const path = join(folder, 'other-protocol');
    const server = createServer(client => client.on('data', data => client.end(`heard ${data}`))).listen(
      path,
    );
    await once(server, 'listening');
    await serving({ paths: [path], raw: true }, async socket => {
      const client = createConnection(socket).setEncoding('utf8');
      client.write('hello');
      assert.deepEqual(await once(client, 'data'), ['heard hello']);
      client.destroy();
    });
    server.close();
  });

  test('says what is wrong with a key or a path', async () => {
    const locked = join(folder, 'locked');
    execFileSync('ssh-keygen', ['-q', '-N', 'secret', '-t', 'ed25519', '-f', locked]);
    const text = join(folder, 'text');
    writeFileSync(text, 'hello');
    for (const [source, message] of [
      [{ paths: [locked] }, /it has a passphrase/],
      [{ paths: [text] }, /it is not a private key/],
      [{ paths: [join(folder, 'none')] }, /none cannot be read \(ENOENT\)/],
      [{ paths: [text], raw: true }, /raw=true needs the path of one socket/],
    ] as const)
      await assert.rejects(openAgent(source), { code: 'invalid-argument', message });
  });
});

describe('RUN --mount=type=ssh', { skip: engineUnavailable() ?? noSsh }, () => {
  let bench: TestEngine;
  let agent: ChildProcess;
  let socket: string;
  let context: ReturnType<typeof testBuild>;
  before(async () => {
    bench = await openTestEngine();
    socket = join(bench.base, 'agent');
    agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(agent.stdout as NodeJS.ReadableStream, 'data');
    const key = makeKey(bench.base, 'id', ['-t', 'ed25519']);
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    context = testBuild(bench);
    copyProgram(programs[1] ?? '', context.directory);
  });
  after(async () => {
    agent.kill();
    await bench.close();
  });

  const base = 'FROM busybox\nCOPY . /\n';

  test("reaches the user's agent, for root and for others, and nothing of it stays", async () => {
    const script = 'ssh-add -l; ls -l $SSH_AUTH_SOCK | cut -c1-10; ssh-add -D || echo refused';
    const dockerfile = `${base}RUN --mount=type=ssh ${script}\nUSER app\nRUN --mount=type=ssh,uid=1000,target=/tmp/a ssh-add -l\nUSER root\nRUN ls /run/buildkit /tmp/a; echo "[$SSH_AUTH_SOCK]"\n`;
    const { output } = await context.run(dockerfile, {
      ssh: { default: { paths: [socket] } },
      noCache: true,
    });
    assert.equal(output.match(/comment of id/g)?.length, 2);
    assert.match(output, /srw-------/);
    assert.match(output, /refused/);
    assert.match(output, /ls: \/run\/buildkit: No such file/);
    assert.match(output, /\[\]/);
    assert.equal((await context.run(dockerfile, { ssh: { default: { paths: [socket] } } })).hits, 'HHHH');
    assert.equal((await context.run(dockerfile)).hits, 'HHHH', 'the agent is in no cache key');
  });

  test('serves key files by id', async () => {
    const key = makeKey(bench.base, 'deploy', ['-t', 'ed25519']);
    const dockerfile = `${base}RUN --mount=type=ssh,id=deploy,required=true ssh-add -l\n`;
    const { output } = await context.run(dockerfile, { ssh: { deploy: { paths: [key] } } });
    assert.match(output, /comment of deploy/);
  });

  test('that is required fails without an agent, one that is not sets the variable alone', async () => {
    await assert.rejects(context.run(`${base}RUN --mount=type=ssh,required=true true\n`), {
      code: 'build-failed',
      message: /No SSH agent or key "default" was given/,
    });
    const { output } = await context.run(`${base}RUN --mount=type=ssh echo "at $SSH_AUTH_SOCK"\n`);
    assert.match(output, /at \/run\/buildkit\/ssh_agent\.0/);
  });
});

/** A program with its shared libraries, at the places where the loader looks. */
function copyProgram(path: string, root: string): void {
  const listed = execFileSync('ldd', [path], { encoding: 'utf8' });
  const files = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => library);
  for (const file of [path, ...files]) {
    if (!existsSync(file)) continue;
    const target = join(root, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}
