import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

describe('damaged records', { skip: cannotRun }, () => {
  let sandbox: CommandSandbox;
  before(async () => {
    sandbox = await openSandbox();
  });
  after(() => sandbox.remove());

  const damage = (...path: string[]) => writeFileSync(join(sandbox.folder, 'root', ...path), '{"version":');
  const warnings = (stderr: string) => stderr.match(/^WARNING: /gm)?.length ?? 0;

  it('ps warns once of each, lists the others, and rm -f removes it by name', async () => {
    await sandbox.ok('create', '--name', 'whole', 'base');
    const broken = await sandbox.ok('create', '--name', 'broken', 'base');
    damage('containers', broken, 'record.json');
    const listed = await sandbox.sampan(['ps', '-a', '--format', '{{.Names}}']);
    assert.equal(listed.code, 0);
    assert.equal(listed.stdout, 'whole\n');
    assert.equal(warnings(listed.stderr), 1, listed.stderr);
    assert.match(listed.stderr, /container broken .*record\.json[\s\S]*sampan rm -f broken/);
    const inspected = await sandbox.sampan(['inspect', 'broken']);
    assert.equal(inspected.code, 1);
    assert.match(inspected.stderr, /container broken .*is damaged[\s\S]*sampan rm -f broken/);
    for (const prune of [
      ['image', 'prune', '-af'],
      ['volume', 'prune', '-af'],
    ]) {
      await sandbox.ok('volume', 'create', 'kept');
      const pruned = await sandbox.sampan(prune);
      // The base image has another user; of the volume nobody can know.
      if (prune[0] === 'volume') assert.match(pruned.stderr, /container broken .*is damaged/);
    }
    assert.match(await sandbox.ok('images'), /base/);
    assert.match(await sandbox.ok('volume', 'ls', '-q'), /kept/);
    assert.equal(await sandbox.ok('rm', '-f', 'broken'), 'broken');
    assert.deepEqual(await sandbox.sampan(['ps', '-aq', '--filter', 'name=broken']), {
      code: 0,
      stdout: '',
      stderr: '',
    });
    await sandbox.ok('rm', 'whole');
    await sandbox.ok('volume', 'rm', 'kept');
  });

  it('images warns of images and names, refuses to prune beside them, and rmi removes both', async () => {
    await sandbox.ok('tag', 'base', 'name:1');
    const context = join(sandbox.folder, 'root', 'references');
    damage('references', readdirSync(context).find(name => name.includes('name')) ?? '');
    const listed = await sandbox.sampan(['images', '-q']);
    assert.equal(listed.code, 0);
    assert.notEqual(listed.stdout, '');
    assert.equal(warnings(listed.stderr), 1, listed.stderr);
    const pruned = await sandbox.sampan(['image', 'prune', '-f']);
    assert.equal(pruned.code, 1);
    assert.match(pruned.stderr, /reference name:1 is damaged/);
    assert.equal(await sandbox.ok('rmi', 'name:1'), 'Untagged: name:1');
    assert.equal((await sandbox.sampan(['images'])).stderr, '');
  });

  it('volume ls warns, volume create mends, volume rm removes', async () => {
    for (const name of ['mended', 'removed']) {
      await sandbox.ok('volume', 'create', name);
      damage('volumes', name, 'record.json');
    }
    const listed = await sandbox.sampan(['volume', 'ls', '-q']);
    assert.equal(listed.code, 0);
    assert.equal(warnings(listed.stderr), 2, listed.stderr);
    await sandbox.ok('volume', 'create', 'mended');
    await sandbox.ok('volume', 'rm', 'removed');
    assert.deepEqual(await sandbox.sampan(['volume', 'ls', '-q']), {
      code: 0,
      stdout: 'mended\n',
      stderr: '',
    });
    await sandbox.ok('volume', 'rm', 'mended');
  });
});
