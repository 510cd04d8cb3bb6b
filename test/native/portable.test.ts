import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readElf } from './elf.ts';

const dist = join(import.meta.dirname, '../../dist');

/** The newest of each family that VS Code itself needs: glibc 2.28 and the libstdc++ of GCC 8. */
const newest: { readonly [family: string]: string } = {
  GLIBC: '2.28',
  GLIBCXX: '3.4.25',
  CXXABI: '1.3.11',
  GCC: '7.0.0',
};

function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split('.').map(Number), right.split('.').map(Number)];
  const at = a.findIndex((part, index) => part !== (b[index] ?? 0));
  return at < 0 ? a.length - b.length : (a[at] as number) - (b[at] ?? 0);
}

test('the addon runs on the C and C++ libraries that VS Code runs on', () => {
  const { needed, versions } = readElf(readFileSync(join(dist, 'sampan.node')));
  assert.ok(versions.some(version => version.startsWith('GLIBC_')));
  for (const version of versions) {
    const [, family = '', number = ''] = version.match(/^([A-Z]+)_([\d.]+)$/) ?? [];
    const limit = newest[family];
    assert.ok(limit, `unknown family of ${version}`);
    assert.ok(compareVersions(number, limit) <= 0, `${version} is newer than ${family}_${limit}`);
  }
  const usual = ['libc.so.6', 'libgcc_s.so.1', 'libm.so.6', 'libpthread.so.0', 'libstdc++.so.6'];
  for (const name of needed) assert.ok(usual.includes(name) || name.startsWith('ld-linux'), name);
});

test('the helper needs no library and no loader', () => {
  const { needed, interpreter } = readElf(readFileSync(join(dist, 'sampan-init')));
  assert.deepEqual([needed, interpreter], [[], undefined]);
});
