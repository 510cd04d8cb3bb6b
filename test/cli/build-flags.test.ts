import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

describe('what a build tells', { skip: cannotRun }, () => {
  let box: CommandSandbox;
  let context: string;

  before(async () => {
    box = await openSandbox();
    context = join(box.folder, 'context');
    mkdirSync(context);
    writeFileSync(join(context, 'a.txt'), '1');
    writeFileSync(join(context, 'Dockerfile'), 'FROM base\nCOPY a.txt /a\nRUN cat /a\n');
  });
  after(() => box.remove());

  test('lists each step after the build with hit or miss, and why; a dry run the same on stdout', async () => {
    const predicted = await box.sampan(['build', '--dry-run', context]);
    assert.equal(predicted.code, 0, predicted.stderr);
    assert.match(predicted.stdout, /^MISS {4}\[2\/3\] COPY a\.txt \/a\n {10}it was not built here before$/m);
    assert.doesNotMatch(predicted.stdout + predicted.stderr, /#1|DONE/);
    assert.equal((await box.sampan(['images', '-aq'])).stdout.trim().split('\n').length, 1);
    assert.equal((await box.sampan(['build', context])).code, 0);
    writeFileSync(join(context, 'a.txt'), '2');
    const built = await box.sampan(['build', '--explain', '-q', context]);
    assert.equal(built.code, 0, built.stderr);
    assert.match(
      built.stderr,
      /^HIT {5}\[1\/3\] FROM .*\nMISS {4}\[2\/3\] COPY a\.txt \/a\n {10}the file a\.txt changed\n/,
    );
    const again = await box.sampan(['build', '--dry-run', context]);
    assert.match(again.stdout, /^HIT {5}\[3\/3\] RUN cat \/a \(made 20/m);
  });

  test('--progress=quiet and -q print nothing of the build; with another progress -q is refused', async () => {
    const quiet = await box.sampan(['build', '--progress=quiet', '-t', 'silent', context]);
    assert.deepEqual(quiet, { code: 0, stdout: '', stderr: '' });
    assert.match((await box.sampan(['build', '-q', context])).stdout, /^sha256:[0-9a-f]{64}\n$/);
    const both = await box.sampan(['build', '-q', '--progress=plain', context]);
    assert.equal(both.code, 125);
    assert.match(both.stderr, /progress=plain and quiet cannot be used together/);
  });

  test('flags of a build that change what it makes or where it says so', async () => {
    const iid = join(box.folder, 'iid');
    const dockerfile =
      'FROM base\nRUN grep -w added /etc/hosts\nRUN --security=insecure true\nRUN --network=host true\n';
    const flags = ['--add-host', 'added=192.0.2.9', '--label', 'k=v', '--iidfile', iid, '-t', 'flagged:1'];
    const allow = ['--allow', 'security.insecure,network.host'];
    const built = await box.sampan(['build', ...flags, ...allow, '-f', '-', context], { input: dockerfile });
    assert.equal(built.code, 0, built.stderr);
    assert.match(built.stderr, /192\.0\.2\.9\s+added/);
    assert.equal(
      await box.ok('inspect', '-f', '{{.Id}} {{.Config.Labels.k}}', 'flagged:1'),
      `${readFileSync(iid, 'utf8')} v`,
    );
    const refused = await box.sampan(['build', ...flags, '-f', '-', context], { input: dockerfile });
    assert.match(refused.stderr, /security\.insecure is not allowed/);
    const unknown = await box.sampan(['build', '--allow', 'everything', context]);
    assert.match(unknown.stderr, /invalid entitlement "everything"/);
    const again = await box.sampan(
      ['build', ...flags, ...allow, '--no-cache-filter', '0', '-f', '-', context],
      { input: dockerfile },
    );
    assert.doesNotMatch(again.stderr, /\[[234]\/4\].*\n#\d+ CACHED/);
  });

  test('a cache in a folder is written by --cache-to and read by --cache-from', async () => {
    const cache = join(box.folder, 'cache');
    assert.equal(
      (await box.sampan(['build', '--cache-to', `type=local,dest=${cache},mode=max`, context])).code,
      0,
    );
    await box.ok('builder', 'prune', '-af');
    const taken = await box.sampan(['build', '--cache-from', `type=local,src=${cache}`, context]);
    assert.match(taken.stderr, /importing cache manifest from .*cache\n/);
    assert.match(taken.stderr, /\[3\/3\] RUN cat \/a\n#\d+ CACHED/);
    const gha = await box.sampan(['build', '--cache-to', 'type=gha', context]);
    assert.match(gha.stderr, /the type must be local, registry or inline/);
  });

  test('--on-error=shell opens a shell in the state before the RUN that failed', async () => {
    const failing = join(box.folder, 'failing');
    mkdirSync(failing);
    writeFileSync(
      join(failing, 'Dockerfile'),
      'FROM base\nRUN echo before > /f\nRUN echo wrong > /f; exit 3\n',
    );
    const input = 'cat /f\n';
    const result = await box.sampan(['build', '--on-error=shell', failing], { input });
    assert.equal(result.code, 1);
    assert.equal(result.stdout, 'before\n');
    assert.match(result.stderr, / {3}3 \| >>> RUN echo wrong/);
    assert.equal((await box.sampan(['build', failing], { input })).stdout, '');
    const wrong = await box.sampan(['build', '--on-error=shell', '-'], { input: 'FROM base\n' });
    assert.match(wrong.stderr, /needs stdin for the shell/);
    assert.match((await box.sampan(['build', '--on-error=x', failing])).stderr, /invalid on-error "x"/);
  });

  test('a dry run fails where a build would, with the place', async () => {
    const result = await box.sampan(['build', '--dry-run', '-f', '-', context], {
      input: 'FROM base\nCOPY none /\n',
    });
    assert.equal(result.code, 1);
    assert.match(result.stderr, / {3}2 \| >>> COPY none \//);
  });
});
