import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { findCredentials } from '../../server/engine/image/registry/credentials.ts';
import { login, logout } from '../../server/engine/image/registry/login.ts';
import { skipWithoutRegistry, startRegistry, type TestRegistry } from './registry-support.ts';

/** bcrypt of `open:sesame`, as `htpasswd -B` writes it. */
const passwordFile = 'me:$2b$04$abcdefghijklmnopqrstuu2GbQLdjwBFdH8CcOE866nGziodmvO8K';
const retry = { attempts: 1, firstDelayMs: 1, longestDelayMs: 1 };

describe('login', { skip: skipWithoutRegistry }, () => {
  let passwords: string;
  let registry: TestRegistry;
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    passwords = mkdtempSync(join(tmpdir(), 'sampan-login-'));
    await writeFile(join(passwords, 'htpasswd'), passwordFile);
    registry = await startRegistry({ auth: `{htpasswd: {realm: r, path: ${join(passwords, 'htpasswd')}}}` });
  });
  after(async () => {
    await registry.stop();
    rmSync(passwords, { recursive: true });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sampan-login-'));
    environment = {
      PATH: `${folder}:${process.env.PATH}`,
      DOCKER_CONFIG: join(folder, 'docker'),
      XDG_CONFIG_HOME: folder,
    };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const config = () => join(folder, 'docker', 'config.json');
  const readConfig = async () => JSON.parse(await readFile(config(), 'utf8'));
  const me = (password = 'open:sesame') => ({ registry: registry.address, username: 'me', password });
  const known = async () =>
    (await findCredentials({ domain: registry.address, path: 'a' }, environment)).credentials;

  test('keeps a password that the registry takes, for its owner alone, beside what is there', async () => {
    await mkdir(join(folder, 'docker'));
    await writeFile(config(), JSON.stringify({ auths: { other: { auth: 'eDp5' } }, psFormat: '{{.ID}}' }));
    const { plainFile, shadowedBy } = await login(me(), { environment, retry });
    assert.deepEqual([plainFile, shadowedBy], [config(), undefined]);
    assert.deepEqual(await known(), { kind: 'password', username: 'me', password: 'open:sesame' });
    assert.deepEqual(await readConfig(), {
      auths: { other: { auth: 'eDp5' }, [registry.address]: { auth: 'bWU6b3BlbjpzZXNhbWU=' } },
      psFormat: '{{.ID}}',
    });
    assert.equal((await stat(config())).mode & 0o777, 0o600);
  });

  test('keeps nothing of a password that is refused', async () => {
    const wrong = login(me('wrong'), { environment, retry });
    await assert.rejects(wrong, (error: Error) => {
      assert.ok(isSampanError(error, 'unauthorized'));
      return error.message === `The registry ${registry.address} refused the user name or the password.`;
    });
    await assert.rejects(stat(config()), { code: 'ENOENT' });
  });

  test('gives the password to the credential helper that the configuration names', async () => {
    const helper = join(folder, 'docker-credential-test');
    const kept = join(folder, 'kept');
    await writeFile(helper, `#!/bin/sh\necho "$1" >> ${kept}; cat >> ${kept}; echo >> ${kept}\n`);
    await chmod(helper, 0o755);
    await mkdir(join(folder, 'docker'));
    await writeFile(config(), JSON.stringify({ credsStore: 'test' }));
    assert.equal((await login(me(), { environment, retry })).plainFile, undefined);
    assert.deepEqual((await readConfig()).auths, { [registry.address]: {} });
    await logout(registry.address, environment);
    const lines = (await readFile(kept, 'utf8')).trim().split('\n');
    assert.equal(lines[0], 'store');
    assert.deepEqual(JSON.parse(lines[1] ?? ''), {
      ServerURL: registry.address,
      Username: 'me',
      Secret: 'open:sesame',
    });
    assert.deepEqual(lines.slice(-2), ['erase', registry.address]);
  });

  test('says which file is asked first when that knows the registry too', async () => {
    await mkdir(join(folder, 'containers'));
    const first = join(folder, 'containers', 'auth.json');
    await writeFile(first, JSON.stringify({ auths: { [registry.address]: { auth: 'eDp5' } } }));
    assert.equal((await login(me(), { environment, retry })).shadowedBy, first);
  });

  test('writes through a link, and leaves a configuration alone that it cannot read', async () => {
    await mkdir(join(folder, 'docker'));
    await symlink(join(folder, 'elsewhere.json'), config());
    await writeFile(join(folder, 'elsewhere.json'), '{}');
    await login(me(), { environment, retry });
    assert.ok(JSON.parse(await readFile(join(folder, 'elsewhere.json'), 'utf8')).auths);
    await writeFile(config(), '{"auths": ');
    await assert.rejects(login(me(), { environment, retry }), /is not a JSON object, so nothing is added/);
    assert.equal(await readFile(config(), 'utf8'), '{"auths": ');
  });

  test('is undone by a logout', async () => {
    await login(me(), { environment, retry });
    const out = await logout(`https://${registry.address}/v2/`, environment);
    assert.deepEqual(out, { registry: registry.address, wasLoggedIn: true });
    assert.equal(await known(), undefined);
    assert.equal((await logout(registry.address, environment)).wasLoggedIn, false);
    assert.deepEqual(await logout(undefined, environment), { registry: 'docker.io', wasLoggedIn: false });
  });

  test('refuses what is no address', async () => {
    const wrong = login({ ...me(), registry: 'a b' }, { environment, retry });
    await assert.rejects(wrong, error => isSampanError(error, 'invalid-argument'));
  });
});
