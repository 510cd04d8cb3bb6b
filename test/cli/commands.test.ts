import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

describe('the command', { skip: cannotRun }, () => {
  let box: CommandSandbox;
  before(async () => {
    box = await openSandbox();
  });
  after(() => box.remove());

  test('run keeps stdout and stderr apart and gives the exit code', async () => {
    const result = await box.sampan(['run', '--rm', 'base', 'sh', '-c', 'echo out; echo err >&2; exit 7']);
    assert.deepEqual(result, { code: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  for (const [what, args, code, words] of [
    ['a bad flag', ['--nope', 'base'], 125, /unknown flag: --nope/],
    ['a bad value', ['-m', 'nonsense', 'base'], 125, /invalid size/],
    ['a missing image', ['--pull', 'never', 'nosuch'], 125, /No such image/],
    ['a missing program', ['base', 'nosuch'], 127, /"nosuch": executable file not found in \$PATH/],
    ['a file that is not executable', ['base', '/etc/passwd'], 126, /permission denied/],
    ['a folder', ['base', '/etc'], 126, /\/etc/],
  ] as const) {
    test(`run of ${what} exits ${code} and says why`, async () => {
      const result = await box.sampan(['run', '--rm', ...args]);
      assert.equal(result.code, code);
      assert.match(result.stderr, words);
      assert.equal(result.stdout, '');
    });
  }

  test('a message that quotes what an image asked for does not drive the terminal', async () => {
    const result = await box.sampan(['run', '--rm', 'base', 'no\u001b]0;such\u0007']);
    assert.equal(result.code, 127);
    assert.ok(result.stderr.includes('no\\u001b]0;such\\u0007'), result.stderr);
    assert.ok(!result.stderr.includes('\u001b'));
  });

  test('run passes stdin on, byte for byte, and its end', async () => {
    const input = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
    const result = await box.sampan(['run', '--rm', '-i', 'base', 'cat'], { input });
    assert.equal(result.code, 0);
    assert.ok(Buffer.from(result.stdout, 'latin1').equals(input));
  });

  test('run without -i gives the process no input', async () => {
    const { stdout } = await box.sampan(['run', '--rm', 'base', 'sh', '-c', 'cat; echo end'], { input: 'x' });
    assert.equal(stdout, 'end\n');
  });

  test('run proxies signals and gives the exit code of the trap', async () => {
    const child = spawn(
      fileURLToPath(new URL('../../dist/sampan', import.meta.url)),
      ['run', '--rm', 'base', 'sh', '-c', 'trap "exit 5" TERM; echo up; while :; do sleep 0.1; done'],
      { env: box.environment, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [5, null]);
  });

  test('a detached container is listed, logged, entered, stopped and removed', async () => {
    const id = await box.ok(
      'run',
      '-d',
      '--name',
      'web',
      '-l',
      'a=b',
      'base',
      'sh',
      '-c',
      'echo up; exec sleep 100',
    );
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.equal(await box.ok('ps', '-q', '--no-trunc', '--filter', 'label=a=b'), id);
    const row = JSON.parse(await box.ok('ps', '--format', 'json'));
    assert.deepEqual([row.Names, row.State, row.Labels], ['web', 'running', 'a=b']);
    assert.equal(await box.ok('exec', '-e', 'X=1', 'web', 'sh', '-c', 'echo $X'), '1');
    assert.equal((await box.sampan(['exec', 'web', 'nosuch'])).code, 127);
    assert.equal((await box.sampan(['exec', 'web', 'sh', '-c', 'exit 3'])).code, 3);
    assert.equal(await box.ok('logs', 'web'), 'up');
    assert.equal(
      await box.ok('inspect', '-f', '{{.Name}} {{.State.Running}} {{.Id}}', 'web'),
      `/web true ${id}`,
    );
    assert.equal((await box.sampan(['rm', 'web'])).code, 1);
    assert.equal(await box.ok('stop', '-t', '0', 'web'), 'web');
    assert.equal(await box.ok('wait', 'web'), '137');
    assert.equal(await box.ok('rm', 'web'), 'web');
    assert.equal(await box.ok('ps', '-aq'), '');
  });

  test('names that are not there give exit code 1 and docker words', async () => {
    for (const [args, words] of [
      [['rm', 'nosuch'], /No such container: nosuch/],
      [['rmi', 'nosuch'], /No such image: nosuch/],
      [['inspect', 'nosuch'], /No such object: nosuch/],
      [['volume', 'inspect', 'nosuch'], /No such volume/],
    ] as const) {
      const result = await box.sampan(args);
      assert.equal(result.code, 1, args.join(' '));
      assert.match(result.stderr, words);
    }
    assert.equal((await box.sampan(['inspect', 'nosuch'])).stdout, '[]\n');
    assert.equal((await box.sampan(['rm', '-f', 'nosuch'])).code, 0);
  });

  test('build prints the image, tags it, and the second time takes it from the cache', async () => {
    const dockerfile = join(box.folder, 'Dockerfile');
    writeFileSync(dockerfile, 'FROM base\nRUN echo built >/made\nCMD ["cat", "/made"]\n');
    const id = await box.ok('build', '-q', '-t', 'made', '-f', dockerfile, box.folder);
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    assert.equal(await box.ok('run', '--rm', 'made'), 'built');
    const again = await box.sampan([
      'build',
      '--progress',
      'rawjson',
      '-t',
      'made',
      '-f',
      dockerfile,
      box.folder,
    ]);
    const vertexes = again.stderr
      .trim()
      .split('\n')
      .flatMap(line => JSON.parse(line).vertexes ?? []);
    assert.ok(vertexes.some(({ name, cached }) => /RUN echo built/.test(name) && cached === true));
  });

  test('a failing build shows the lines and exits 1', async () => {
    const result = await box.sampan(['build', '-'], { input: 'FROM base\nRUN echo before \\\n && false\n' });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^Dockerfile:2$/m);
    assert.match(result.stderr, /^ {3}2 \| >>> RUN echo before \\$/m);
    assert.match(result.stderr, /^ {3}3 \| >>> {2}&& false$/m);
    assert.match(result.stderr, /exit code: 1/);
  });

  test('save and load carry an image, also through pipes', async () => {
    const id = await box.ok('inspect', '--type', 'image', '-f', '{{.Id}}', 'base');
    await box.ok('tag', 'base', 'copy:1');
    const saved = await box.sampan(['save', 'copy:1']);
    assert.match(await box.ok('rmi', 'copy:1'), /^Untagged: copy:1$/);
    const loaded = await box.sampan(['load'], { input: Buffer.from(saved.stdout, 'latin1') });
    assert.equal(loaded.stdout, 'Loaded image: copy:1\n');
    assert.equal(await box.ok('images', '-q', '--no-trunc', 'copy'), id);
    await box.ok('rmi', 'copy:1');
  });

  test('save to a file that cannot be written fails and leaves nothing', async () => {
    const result = await box.sampan(['save', '-o', join(box.folder, 'no/such/file.tar'), 'base']);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /Cannot write/);
  });

  test('cidfile holds the id, and one that exists stops the run', async () => {
    const file = join(box.folder, 'cid');
    await box.ok('run', '--rm', '--cidfile', file, 'base', 'true');
    assert.match(readFileSync(file, 'utf8'), /^[0-9a-f]{64}$/);
    assert.equal((await box.sampan(['run', '--rm', '--cidfile', file, 'base', 'true'])).code, 125);
  });

  test('a part of a volume is mounted, and a link in it leads nowhere else', async () => {
    await box.ok(
      'run',
      '--rm',
      '-v',
      'parts:/d',
      'base',
      'sh',
      '-c',
      'mkdir /d/s; echo in >/d/s/f; ln -s / /d/out',
    );
    const mounted = (path: string) => `type=volume,src=parts,dst=/x,volume-subpath=${path}`;
    assert.equal(await box.ok('run', '--rm', '--mount', mounted('s'), 'base', 'cat', '/x/f'), 'in');
    assert.equal(await box.ok('run', '--rm', '--mount', mounted('out'), 'base', 'ls', '/x'), 'out\ns');
    const missing = await box.sampan(['run', '--rm', '--mount', mounted('nope'), 'base', 'true']);
    assert.equal(missing.code, 125);
    await box.ok('volume', 'rm', 'parts');
  });

  test('volumes outlive their containers until they are removed', async () => {
    assert.equal(await box.ok('volume', 'create', '--label', 'k=v', 'data'), 'data');
    await box.ok('run', '--rm', '-v', 'data:/d', 'base', 'sh', '-c', 'echo kept >/d/f');
    assert.equal(await box.ok('run', '--rm', '-v', 'data:/d:ro', 'base', 'cat', '/d/f'), 'kept');
    const row = JSON.parse(await box.ok('volume', 'ls', '--format', 'json'));
    assert.deepEqual([row.Name, row.Driver, row.Labels], ['data', 'local', 'k=v']);
    assert.equal(await box.ok('volume', 'rm', 'data'), 'data');
  });

  test('system df tells what takes how much, and builder prune frees what no image has', async () => {
    const dockerfile = 'FROM base\nRUN head -c 4096 /dev/zero > /untagged\n';
    const built = await box.sampan(['build', '-q', '-o', 'type=cacheonly', '-'], { input: dockerfile });
    assert.deepEqual([built.code, built.stdout], [0, ''], built.stderr);
    const [head = '', ...rows] = (await box.ok('system', 'df')).split('\n');
    assert.match(head, /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$/);
    assert.deepEqual(
      rows.map(row => row.split(/ {2,}/)[0]),
      ['Images', 'Containers', 'Local Volumes', 'Build Cache'],
    );
    const json = (await box.ok('system', 'df', '--format', 'json')).split('\n').map(line => JSON.parse(line));
    assert.equal(json[3].Type, 'Build Cache');
    assert.match(await box.ok('system', 'df', '-v'), /4\.1kB .*RUN head -c 4096/);
    assert.match(
      await box.ok('builder', 'prune', '-f', '--filter', 'until=1h'),
      /^Total reclaimed space: 0B$/,
    );
    const pruned = await box.ok('builder', 'prune', '-f');
    assert.match(pruned, /^Deleted build cache objects:\n[0-9a-f]{64}\n/);
    assert.doesNotMatch(await box.ok('system', 'df', '-v'), /RUN head -c 4096/);
    const wrong = await box.sampan(['builder', 'prune', '-f', '--filter', 'until=soon']);
    assert.equal(wrong.code, 125);
    assert.match(wrong.stderr, /invalid duration "soon"/);
  });
});
