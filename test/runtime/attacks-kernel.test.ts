import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { MountSpec } from '../../server/engine/runtime/types.ts';
import { confinement, makeProbe, noProbe } from './support/probe.ts';
import { run } from './support/run.ts';
import { makeSandbox, type Sandbox } from './support/sandbox.ts';
import type { SpecChange } from './support/spec.ts';

/** What docker 28.5 answers with its default profile and capabilities; every other call of the probe: EPERM. */
const answers: { readonly [call: string]: string } = {
  clone3: 'ENOSYS',
  'i386-clone3': 'ENOSYS',
  'x32-clone3': 'ENOSYS',
  'newer-than-all': 'ENOSYS',
  'raw-packet': 'ok',
  memfd_secret: 'EINVAL',
  modify_ldt: 'ok',
};

describe('a confined process', { skip: noProbe }, () => {
  let sandbox: Sandbox;
  let probe: MountSpec;
  let confined: SpecChange;
  before(async () => {
    sandbox = makeSandbox();
    probe = makeProbe(sandbox);
    confined = await confinement(sandbox);
  });
  after(() => sandbox.remove());

  async function ask(question: readonly string[], change: SpecChange = {}): Promise<string[]> {
    const ended = await run(sandbox, ['/probe', ...question], { ...confined, mounts: [probe], ...change });
    assert.equal(ended.exit.exitCode, 0, ended.stderr);
    return ended.stdout.trim().split(/\r?\n/);
  }

  test('gets docker’s answer for every call that reaches past it, by every gate of the processor', async () => {
    const lines = await ask(['calls']);
    assert.ok(lines.length > 40, lines.join('\n'));
    for (const line of lines) {
      const [call = '', answer] = line.split(' ');
      assert.equal(answer, answers[call] ?? 'EPERM', call);
    }
  });

  test('can write to no file of /proc and /sys but its own', async () => {
    const lines = await ask(['writable', '/proc', '/sys']);
    // A write there asks to be woken, psi.rst; it changes nothing.
    const others = lines.filter(path => !path.startsWith('/proc/pressure/'));
    assert.deepEqual(others.filter(Boolean), []);
  });

  test('joins no namespace by the files of its first process, even without a filter', async () => {
    const lines = await ask(['join'], { seccompFilter: undefined });
    // Its own user namespace is refused before rights are looked at.
    assert.deepEqual(
      lines.filter(line => !/ (EPERM|EINVAL)$/.test(line)),
      [],
    );
    assert.equal(lines.length, 7);
  });

  test('has a session keyring that is new and empty, as has every other container', async () => {
    const one = await ask(['session'], { seccompFilter: undefined });
    const two = await ask(['session'], { seccompFilter: undefined });
    assert.match(one[0] ?? '', /^[1-9]\d* 0$/);
    assert.match(two[0] ?? '', /^[1-9]\d* 0$/);
    assert.notEqual(one[0], two[0]);
  });

  test('that types into its terminal types into its own', async () => {
    const script =
      'stat -c %t,%T $(tty); stat -L -c %t,%T /proc/self/fd/0; /probe push; read line; echo got $line';
    const ended = await run(sandbox, ['sh', '-c', script], {
      ...confined,
      mounts: [probe],
      process: { tty: true },
    });
    const [named, opened, answer, ...rest] = ended.stdout.trim().split('\r\n');
    assert.equal(opened, named);
    assert.ok(answer === 'push EIO' || rest.includes('got pushed'), ended.stdout);
  });

  test('gains nothing by a set-user-ID program on a nosuid mount, or without new privileges', async () => {
    if ((await sandbox.runtime.host()).idCount < 1001) return;
    const folder = join(sandbox.base, 'set-id');
    mkdirSync(folder);
    const mount = { kind: 'bind', source: folder, target: '/s', readOnly: false } as const;
    // Made inside, where a file gets the ids of a container.
    const made = 'cp /probe /s/probe; chmod 4755 /s/probe';
    await run(sandbox, ['sh', '-c', made], { mounts: [probe, { ...mount, options: [] }] });
    const euid = async (options: readonly string[], { noNewPrivileges = false } = {}): Promise<string> => {
      const process = { uid: 1000, gid: 1000, noNewPrivileges };
      const mounts = [{ ...mount, options }];
      return (await run(sandbox, ['/s/probe', 'euid'], { ...confined, mounts, process })).stdout;
    };
    assert.equal(await euid([]), '0\n');
    assert.equal(await euid(['nosuid']), '1000\n');
    assert.equal(await euid([], { noNewPrivileges: true }), '1000\n');
  });
});
