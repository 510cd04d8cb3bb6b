import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cannotRun, openSandbox } from './sandbox.ts';

const isRoot = process.getuid?.() === 0;

describe('a full disk', {
  skip: cannotRun || (!isRoot && 'a small file system can be mounted by root only'),
}, () => {
  it('is named, loses nothing, and the same command works once there is room', async t => {
    const sandbox = await openSandbox();
    const small = join(sandbox.folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', small]);
    t.after(async () => {
      await sandbox.remove();
    });
    const archive = join(sandbox.folder, 'base.tar');
    const saved = { ...sandbox.environment };
    try {
      Object.assign(sandbox.environment, {
        SAMPAN_ROOT: join(small, 'root'),
        SAMPAN_RUN: join(sandbox.folder, 'run2'),
      });
      await sandbox.ok('import', archive, 'base');
      const context = join(sandbox.folder, 'large');
      mkdirSync(context);
      writeFileSync(join(context, 'Dockerfile'), 'FROM base\nCOPY data /data\n');
      writeFileSync(join(context, 'data'), Buffer.alloc(16 * 1024 * 1024, 1));
      const { code, stderr } = await sandbox.sampan(['build', '-t', 'large', context]);
      assert.equal(code, 1);
      assert.match(stderr, /no space|disk is full|full/i);
      assert.doesNotMatch(stderr, /\n\s+at .*:\d+/);
      assert.doesNotMatch(await sandbox.ok('images'), /large/);
      execFileSync('mount', ['-o', 'remount,size=64m', small]);
      await sandbox.ok('build', '-t', 'large', context);
      assert.match(await sandbox.ok('images'), /large/);
    } finally {
      Object.assign(sandbox.environment, saved);
      execFileSync('umount', ['-l', small]);
    }
  });
});
