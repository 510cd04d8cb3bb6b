import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaceSysctl } from '../../server/engine/runtime/namespaceSysctl.ts';

const reads = (files: { readonly [path: string]: string }) => async (path: string) => {
  const text = files[path];
  if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  return text;
};

test('the setting that forbids namespaces is named with the value that allows them', async () => {
  const apparmor = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  const clone = '/proc/sys/kernel/unprivileged_userns_clone';
  const limit = '/proc/sys/user/max_user_namespaces';
  const allowed = { [clone]: '1\n', [apparmor]: '0\n', [limit]: '62000\n' };
  assert.equal(await namespaceSysctl(reads(allowed)), undefined);
  assert.equal(await namespaceSysctl(reads({})), undefined);
  for (const [path, value, setting] of [
    [clone, '0\n', 'kernel.unprivileged_userns_clone=1'],
    [apparmor, '1\n', 'kernel.apparmor_restrict_unprivileged_userns=0'],
    [limit, '0\n', 'user.max_user_namespaces=15000'],
  ] as const)
    assert.equal(await namespaceSysctl(reads({ ...allowed, [path]: value })), setting);
});
