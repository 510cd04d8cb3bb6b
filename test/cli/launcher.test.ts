import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { cannotRun, dist } from './sandbox.ts';

describe('launcher', { skip: cannotRun }, () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sl-'));
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function sampan(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const { HOME, XDG_CACHE_HOME, ...rest } = process.env;
    const { status, stdout, stderr } = spawnSync(join(dist, 'sampan'), args, {
      env: { ...rest, HOME: home, ...environment },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  const folder = () => join(home, '.cache/sampan');
  const files = () =>
    readdirSync(folder(), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name));

  it('keeps what was compiled, one file a verb, and uses it from then on', () => {
    const first = sampan(['--version']);
    sampan(['version']);
    const kept = files();
    const written = kept.map(path => statSync(path).ino);
    assert.equal(kept.length, 2);
    assert.deepEqual(sampan(['--version']), first);
    assert.deepEqual(files(), kept);
    assert.deepEqual(
      kept.map(path => statSync(path).ino),
      written,
    );
  });

  it('replaces a damaged file', () => {
    const first = sampan(['--version']);
    const [path = ''] = files();
    const whole = readFileSync(path);
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(damaged.length >> 1) ^ 0x55, damaged.length >> 1);
    writeFileSync(path, damaged);
    assert.deepEqual(sampan(['--version']), first);
    assert.notDeepEqual(readFileSync(path), damaged);
    writeFileSync(path, whole.subarray(0, 10));
    assert.deepEqual(sampan(['--version']), first);
    assert.ok(readFileSync(path).length > 10);
  });

  it('uses no folder that others may write', () => {
    mkdirSync(folder(), { recursive: true });
    chmodSync(folder(), 0o777);
    assert.equal(sampan(['--version']).status, 0);
    assert.deepEqual(files(), []);
  });

  it('takes nothing of another bundle', () => {
    const other = join(home, 'dist');
    mkdirSync(other);
    for (const name of ['sampan', 'launcher.js', 'cli.js']) cpSync(join(dist, name), join(other, name));
    sampan(['--version']);
    const launcher = readFileSync(join(other, 'launcher.js'), 'latin1');
    const digest = /[0-9a-f]{64}/.exec(launcher)?.[0] ?? '';
    writeFileSync(join(other, 'launcher.js'), launcher.replace(digest, 'f'.repeat(64)));
    assert.equal(
      spawnSync(join(other, 'sampan'), ['--version'], {
        env: { ...process.env, HOME: home, XDG_CACHE_HOME: '' },
      }).status,
      0,
    );
    assert.equal(readdirSync(folder()).length, 2);
  });

  it('works without a home', () => {
    const { status, stderr } = sampan(['--version'], { HOME: '/proc/none' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
});
