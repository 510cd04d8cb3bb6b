import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { skipWithoutRegistry, startRegistry, type TestRegistry } from '../engine/registry-support.ts';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

/** bcrypt of `open:sesame`, as `htpasswd -B` writes it. */
const passwordFile = 'me:$2b$04$abcdefghijklmnopqrstuu2GbQLdjwBFdH8CcOE866nGziodmvO8K';

describe('sampan and a registry', { skip: cannotRun || skipWithoutRegistry }, () => {
  let sandbox: CommandSandbox;
  let registry: TestRegistry;

  before(async () => {
    sandbox = await openSandbox();
    sandbox.environment.DOCKER_CONFIG = join(sandbox.folder, 'docker');
    const passwords = join(sandbox.folder, 'htpasswd');
    await writeFile(passwords, passwordFile);
    registry = await startRegistry({ auth: `{htpasswd: {realm: r, path: ${passwords}}}` });
  });
  after(async () => {
    await registry?.stop();
    await sandbox?.remove();
  });

  test('login, push, remove, pull: the image is the same', async () => {
    const { sampan, ok } = sandbox;
    const name = `${registry.address}/team/base:1`;
    await ok('run', '--name', 'made', 'base', 'touch', '/made');
    await ok('commit', 'made', name);
    await ok('rm', 'made');
    const denied = await sampan(['push', name]);
    assert.equal(denied.code, 1);
    assert.match(denied.stderr, /you may not write there.*\n.*sampan login/);
    const login = await sampan(['login', '-u', 'me', '--password-stdin', registry.address], {
      input: 'open:sesame\n',
    });
    assert.deepEqual([login.code, login.stdout], [0, 'Login Succeeded\n']);
    assert.match(login.stderr, /^WARNING! Your credentials are stored unencrypted in '.*config\.json'\./);
    assert.doesNotMatch(await readFile(join(sandbox.folder, 'docker/config.json'), 'utf8'), /sesame/);

    const pushed = await ok('push', name);
    const [head, lower = '', upper = '', last = ''] = pushed
      .split('\n')
      .filter(line => !/: (Preparing|Pushing)$/.test(line));
    assert.equal(head, `The push refers to repository [${registry.address}/team/base]`);
    for (const layer of [lower, upper]) assert.match(layer, /^[0-9a-f]{12}: Pushed$/);
    const digest = /^1: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(last)?.[1];
    assert.equal(await ok('push', '-q', name), name);
    const events = await ok(
      'events',
      '--since',
      '10m',
      '--until',
      '0s',
      '--filter',
      'event=push',
      '--format',
      '{{.Actor.ID}}',
    );
    assert.equal(events, `${name}\n${name}`);
    assert.match(
      await ok('images', '--digests', '--format', '{{.Digest}}', `${registry.address}/team/base`),
      new RegExp(digest ?? '-'),
    );

    const id = await ok('images', '-q', '--no-trunc', name);
    await ok('rmi', '-f', id);
    await ok('pull', '-q', name);
    assert.equal(await ok('images', '-q', '--no-trunc', name), id);
    assert.equal(await ok('logout', registry.address), `Removing login credentials for ${registry.address}`);
    assert.equal((await sampan(['push', name])).code, 1);
  });

  test('build --push pushes under every tag and keeps the image; of several platforms it pushes an index', async () => {
    const { sampan, ok, folder } = sandbox;
    const context = join(folder, 'pushed');
    await mkdir(context);
    await writeFile(join(context, 'Dockerfile'), 'FROM base\nCOPY Dockerfile /\nLABEL pushed=yes\n');
    await sampan(['login', '-u', 'me', '--password-stdin', registry.address], { input: 'open:sesame' });
    const name = `${registry.address}/team/built`;
    await ok('build', '--push', '--annotation', 'k=v', '-t', `${name}:1`, '-t', `${name}:2`, context);
    const id = await ok('images', '-q', '--no-trunc', `${name}:1`);
    await ok('rmi', `${name}:1`, `${name}:2`);
    for (const tag of ['1', '2']) {
      await ok('pull', '-q', `${name}:${tag}`);
      assert.equal(await ok('images', '-q', '--no-trunc', `${name}:${tag}`), id);
    }

    await writeFile(
      join(context, 'Dockerfile'),
      'FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\n',
    );
    const platforms = ['--platform', 'linux/amd64,linux/arm64'];
    await ok('build', '--push', ...platforms, '-t', `${name}:both`, context);
    assert.equal(await ok('images', '-q', `${name}:both`), '', 'the store keeps one platform');
    await ok('pull', '-q', '--platform', 'linux/arm64', `${name}:both`);
    assert.equal(await ok('inspect', '--format', '{{.Architecture}}', `${name}:both`), 'arm64');

    const untagged = await sampan(['build', '--push', context]);
    assert.match(untagged.stderr, /tag is needed when pushing to registry/);
  });

  test('login says what is missing', async () => {
    const { sampan } = sandbox;
    const failures = [
      [['login', registry.address], /Cannot perform an interactive login from a non TTY device/],
      [['login', '--password-stdin', registry.address], /Must provide --username with --password-stdin/],
      [['login', '-u', 'me', '-p', 'wrong', registry.address], /refused the user name or the password/],
    ] as const;
    for (const [args, words] of failures) {
      const { code, stderr } = await sampan(args);
      assert.equal(code, 1);
      assert.match(stderr, words);
    }
  });

  test('history tells the newest step first, with the size of what it added', async () => {
    const { ok } = sandbox;
    await ok('run', '--name', 'grow', 'base', 'sh', '-c', 'echo 12345 > /six');
    await ok('commit', '-m', 'six bytes', 'grow', 'grown');
    const rows = (await ok('history', '--format', '{{.ID}} {{.Size}} {{.Comment}}', 'grown')).split('\n');
    assert.match(rows[0] ?? '', /^[0-9a-f]{12} 6B six bytes$/);
    assert.match(rows[1] ?? '', /^<missing> \d+(\.\d+)?[kM]B /);
    assert.equal(rows.length, 2);
    assert.match(await ok('history', '-q', '--no-trunc', 'grown'), /^sha256:[0-9a-f]{64}\n<missing>$/);
    assert.match(await ok('history', '-H=false', '--format', '{{.Size}}', 'grown'), /^6\n\d+$/);
  });
});
