import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tarOf } from '../engine/tar-support.ts';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

describe('a build context that is no folder', { skip: cannotRun }, () => {
  let box: CommandSandbox;
  let server: Server;
  let address: string;
  const served = new Map<string, Buffer>();

  before(async () => {
    box = await openSandbox();
    server = createServer((request, response) => {
      const body = served.get((request.url ?? '').replace(/\?.*/, ''));
      response.writeHead(body ? 200 : 404).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.close();
    assert.deepEqual(readdirSync(join(box.folder, 'root/tmp')), [], 'what was fetched is removed');
    await box.remove();
  });

  const context = tarOf([
    { name: 'Dockerfile', content: 'FROM base\nCOPY . /c\nRUN cat /c/a && ls -n /c/a\n' },
    { name: 'other/Dockerfile', content: 'FROM base\nRUN echo other\n' },
    { name: '.dockerignore', content: 'secret\n' },
    { name: 'a', content: 'from-tar\n', uid: 1234, gid: 5678, mode: 0o640 },
    { name: 'secret', content: 's' },
    { name: '../outside', content: 'x' },
  ]);

  async function built(args: readonly string[], input?: Buffer | string): Promise<string> {
    const result = await box.sampan(['build', '--no-cache', ...args], input === undefined ? {} : { input });
    assert.equal(result.code, 0, result.stderr);
    return result.stderr;
  }

  test('is an archive on stdin, plain or compressed; its files have no owner', async () => {
    for (const input of [context, gzipSync(context)]) {
      const output = await built(['-'], input);
      assert.match(output, /from-tar/);
      assert.match(output, /-rw-r----- +1 0 +0 /);
    }
    assert.deepEqual(
      readdirSync(box.folder).filter(name => name === 'outside'),
      [],
    );
  });

  test('has its Dockerfile where -f says', async () => {
    assert.match(await built(['-f', 'other/Dockerfile', '-'], context), / other\n/);
    const missing = await box.sampan(['build', '-f', 'none', '-'], { input: context });
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /The context has no Dockerfile none/);
  });

  test('is a Dockerfile alone on stdin', async () => {
    assert.match(await built(['-'], 'FROM base\nRUN echo alone\n'), / alone\n/);
    const failing = await box.sampan(['build', '-'], { input: 'FROM base\nRUN exit 3\n' });
    assert.equal(failing.code, 1);
    assert.match(failing.stderr, / {3}2 \| >>> RUN exit 3/);
  });

  test('is neither: said so', async () => {
    const result = await box.sampan(['build', '-'], { input: Buffer.from([0x7f, 0x45, 0, 1, 2]) });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /neither an archive nor a Dockerfile/);
  });

  test('is an archive or a Dockerfile at an address', async () => {
    served.set('/context.tar.gz', gzipSync(context));
    served.set('/remote.Dockerfile', Buffer.from('FROM base\nRUN echo remote\n'));
    assert.match(await built([`${address}/context.tar.gz`]), /from-tar/);
    assert.match(await built([`${address}/remote.Dockerfile`]), / remote\n/);
    const missing = await box.sampan(['build', `${address}/none`]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /invalid response status 404/);
  });

  test('is a repository, a branch and a folder of it; a Dockerfile that leads out of it is refused', async () => {
    const repository = join(box.folder, 'repository');
    mkdirSync(join(repository, 'part'), { recursive: true });
    writeFileSync(join(repository, 'Dockerfile'), 'FROM base\nCOPY part/f /f\nRUN cat /f\n');
    writeFileSync(join(repository, 'part/f'), 'in-git\n');
    writeFileSync(join(repository, 'part/Dockerfile'), 'FROM base\nRUN ls\nRUN exit 4\n');
    symlinkSync('/etc/passwd', join(repository, 'Dockerfile.link'));
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-C', repository, ...args]);
    git('init', '--quiet', '--initial-branch=main');
    git('add', '.');
    git('commit', '--quiet', '-m', '1');
    git('update-server-info');
    const files = execFileSync('find', ['.git', '-type', 'f'], { cwd: repository, encoding: 'utf8' });
    for (const file of files.trim().split('\n'))
      served.set(`/${file.replace(/^\.git/, 'r.git')}`, readFileSync(join(repository, file)));
    assert.match(await built([`${address}/r.git`]), /in-git/);
    const failing = await box.sampan(['build', `${address}/r.git#main:part`]);
    assert.equal(failing.code, 1);
    assert.match(failing.stderr, / {3}3 \| >>> RUN exit 4/);
    const out = await box.sampan(['build', '-f', 'Dockerfile.link', `${address}/r.git`]);
    assert.equal(out.code, 1);
    assert.match(out.stderr, /The context has no Dockerfile Dockerfile\.link/);
    const named = `FROM base\nCOPY --from=src part/f /f\nRUN cat /f\n`;
    assert.match(await built(['--build-context', `src=${address}/r.git`, '-'], named), /in-git/);
  });
});
