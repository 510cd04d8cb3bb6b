import assert from 'node:assert/strict';
import { existsSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CgroupSpec } from '../../server/engine/runtime/types.ts';
import { groupOf, noGroup, unified } from './support/groups.ts';
import { run, shell } from './support/run.ts';
import { makeSandbox, type Sandbox } from './support/sandbox.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(async () => {
  await sandbox.remove();
  for (const controller of ['memory', 'pids'])
    if (noGroup(controller) === false) rmdirSync(groupOf(controller));
});

function limit(controller: string, writes: CgroupSpec['writes']): readonly CgroupSpec[] {
  return [{ path: join(groupOf(controller), 'c'), writes, enter: true }];
}

test('a container over its memory is killed and says so', { skip: noGroup('memory') }, async () => {
  const file = unified ? 'memory.max' : 'memory.limit_in_bytes';
  const cgroups = limit('memory', [
    { file, value: String(16 << 20) },
    { file: 'no.such.file', value: '1', optional: true },
  ]);
  const ended = await run(sandbox, ['sh', '-c', 'exec tail /dev/zero'], { cgroups });
  assert.equal(ended.exit.exitCode, 137);
  assert.equal(ended.state.oomKilled, true);
  assert.equal(existsSync(cgroups[0]?.path ?? ''), false);
});

test('a limit of processes holds', { skip: noGroup('pids') }, async () => {
  const cgroups = limit('pids', [{ file: 'pids.max', value: '5' }]);
  const script = 'for i in 1 2 3 4 5 6 7 8; do sleep 100 & done; echo';
  const ended = await run(sandbox, ['sh', '-c', script], { cgroups });
  assert.match(ended.stderr, /can't fork/);
  assert.equal(existsSync(cgroups[0]?.path ?? ''), false);
});

test('a process is in its groups before it runs and may read but not change them', {
  skip: noGroup('pids'),
}, async () => {
  const cgroups = limit('pids', [{ file: 'pids.max', value: '50' }]);
  const file = unified ? '/sys/fs/cgroup/pids.max' : '/sys/fs/cgroup/pids/pids.max';
  const out = await shell(
    sandbox,
    `cat ${file}; echo max 2>/dev/null > ${file} && echo WROTE; cat /proc/self/cgroup`,
    { cgroups },
  );
  assert.match(out, /^50\n/);
  assert.doesNotMatch(out, /WROTE/);
  if (!unified) assert.match(out, /:pids:\/\n/);
});

test('a limit that cannot be set fails the start and leaves no group', {
  skip: noGroup('pids'),
}, async () => {
  const cgroups = limit('pids', [{ file: 'pids.max', value: 'many' }]);
  await assert.rejects(run(sandbox, ['true'], { cgroups }), { code: 'start-failed', message: /pids\.max/ });
  assert.equal(existsSync(cgroups[0]?.path ?? ''), false);
});
