import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const compiler = process.env.CC ?? 'cc';
const skip = spawnSync(compiler, ['--version']).error ? `no C compiler (${compiler})` : false;

/** Compile a test program with parts of the core, with the sanitizers on, and run it. */
function run(program: string, core: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-native-'));
  try {
    const out = join(folder, 'program');
    const sources = [
      join(root, 'test/native', program),
      ...core.map(name => join(root, 'native/core', name)),
    ];
    const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-g', '-fsanitize=address,undefined'];
    const built = spawnSync(compiler, [...flags, '-I', join(root, 'native'), ...sources, '-o', out], {
      encoding: 'utf8',
    });
    assert.equal(built.status, 0, built.stderr);
    const result = spawnSync(out, { encoding: 'utf8', timeout: 60_000 });
    assert.equal(result.status, 0, result.stdout + result.stderr);
    return result.stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('sha256 of this processor equals the portable one', { skip }, () => {
  assert.match(run('sha256.c', ['sha256.c']), /^0 of 701 /);
});

test('damaged archives never make the tar reader leave its memory', { skip }, () => {
  const core = ['tar_read.c', 'tar_pax.c', 'sha256.c', 'failure.c'];
  assert.match(run('tar-damage.c', core), /^20000 archives, [1-9]/);
});
