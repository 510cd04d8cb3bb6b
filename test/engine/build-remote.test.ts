import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isSampanError } from '../../server/common/errors.ts';
import { testBuild } from './build-bench.ts';
import { findProgram, sampleImage, tarOf } from './image-support.ts';
import { push, skipWithoutRegistry, startRegistry } from './registry-support.ts';
import { sha256 } from './store-support.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
let server: Server;
let address: string;
const served = new Map<string, Buffer>();
const requests: string[] = [];

before(async () => {
  bench = await openTestEngine();
  server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const body = served.get(path.replace(/\?.*/, ''));
    if (path === '/moved') response.writeHead(302, { location: '/file.txt' }).end();
    else if (!body) response.writeHead(404).end();
    else response.writeHead(200, { 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  served.set('/file.txt', Buffer.from('fetched'));
  served.set('/a.tar.gz', gzipSync(tarOf({ 'in.txt': 'inside' })));
});
after(async () => {
  server.close();
  await bench.close();
});
const skip = engineUnavailable() ?? false;

async function messageOf(build: Promise<unknown>): Promise<string> {
  try {
    await build;
  } catch (error) {
    assert.ok(isSampanError(error, 'build-failed'), String(error));
    assert.equal(error.detail.line, 2);
    return error.message;
  }
  return assert.fail('the build passed');
}

test('ADD downloads, with the name of the address, its time and mode 0600', { skip }, async () => {
  const { output } = await testBuild(bench).run(
    `FROM busybox\nADD ${address}/file.txt ${address}/moved /d/\nADD --unpack ${address}/a.tar.gz /u/\nADD ${address}/a.tar.gz /p/\n` +
      "RUN cat /d/file.txt /d/moved /u/in.txt; stat -c '%n %a %Y' /d/file.txt; ls /p\n",
  );
  assert.equal(output, 'fetchedfetchedinside/d/file.txt 600 1577836800\na.tar.gz\n');
});

test('a checksum is verified, and one that is known is not fetched again', { skip }, async () => {
  const build = testBuild(bench);
  const add = (digest: string) => `FROM busybox\nADD --checksum=${digest} ${address}/file.txt /f\n`;
  const good = sha256(Buffer.from('fetched'));
  assert.equal((await build.run(add(good))).hits, 'm');
  const before = requests.length;
  assert.equal((await build.run(add(good))).hits, 'H');
  assert.equal(requests.length, before);
  assert.match(await messageOf(build.run(add(sha256(Buffer.from('other'))))), /checksum is sha256:/);
});

test('a changed download runs the step again, an equal one does not', { skip }, async () => {
  const build = testBuild(bench);
  served.set('/changes', Buffer.from('1'));
  const dockerfile = `FROM busybox\nADD ${address}/changes /f\nRUN cat /f\n`;
  assert.equal((await build.run(dockerfile)).hits, 'mm');
  assert.equal((await build.run(dockerfile)).hits, 'HH');
  served.set('/changes', Buffer.from('2'));
  assert.equal((await build.run(dockerfile)).output, '2');
});

test('a download that fails says why, on its line', { skip }, async () => {
  const build = testBuild(bench);
  assert.match(await messageOf(build.run(`FROM busybox\nADD ${address}/none /f\n`)), /status 404/);
  assert.match(await messageOf(build.run('FROM busybox\nADD http://127.0.0.1:1/x /f\n')), /Failed to load/);
});

const skipGit = skip || (findProgram('git') === undefined && 'git is not installed');
test('ADD checks out a repository, a tag and a folder of it', { skip: skipGit }, async () => {
  const repository = testBuild(bench, { 'sub/f': 'v1', top: 't' }).directory;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-C', repository, ...args], {
      encoding: 'utf8',
    });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '-m', '1');
  git('tag', 'v1');
  writeFileSync(join(repository, 'sub/f'), 'v2');
  git('commit', '--quiet', '-am', '2');
  git('update-server-info');
  const files = execFileSync('find', ['.git', '-type', 'f'], { cwd: repository, encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const file of files) {
    served.set(`/${file.replace(/^\.git/, 'repo.git')}`, execFileSync('cat', [join(repository, file)]));
  }
  const { output } = await testBuild(bench).run(
    `FROM busybox\nADD ${address}/repo.git /all\nADD ${address}/repo.git#v1:sub /part\nRUN ls -A /all; cat /all/sub/f /part/f\n`,
  );
  assert.equal(output, 'sub\ntop\nv2v1');
  const bad = testBuild(bench).run(`FROM busybox\nADD ${address}/repo.git#--upload-pack=touch /x\n`);
  assert.match(await messageOf(bad), /no branch, tag or commit/);
});

test('a base image that is not there is pulled', { skip: skip || skipWithoutRegistry }, async () => {
  const registry = await startRegistry();
  try {
    await push(registry.address, {
      name: 'base',
      tag: '1',
      image: sampleImage([tarOf({ 'from-registry': 'x' })]),
    });
    const { image } = await testBuild(bench).run(
      `FROM ${registry.address}/base:1 AS b\nFROM busybox\nCOPY --from=b /from-registry /f\nCOPY --from=${registry.address}/base:1 /from-registry /g\n`,
    );
    assert.equal(image.config.rootfs.diff_ids.length, 3);
    assert.ok(await bench.engine.images.find(`${registry.address}/base:1`));
  } finally {
    await registry.stop();
  }
});
