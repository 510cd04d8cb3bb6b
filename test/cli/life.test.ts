import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

let sandbox: CommandSandbox;
before(async () => {
  if (!cannotRun) sandbox = await openSandbox();
});
after(() => sandbox?.remove());
const skip = cannotRun;

test('pause and unpause print what they were given, and ps says so', { skip }, async t => {
  await sandbox.ok('run', '-d', '--name', 'still', '--network', 'host', 'base', 'sleep', '1000');
  const paused = await sandbox.sampan(['pause', 'still']);
  if (/no cgroup that can be frozen/.test(paused.stderr)) {
    await sandbox.ok('rm', '-f', 'still');
    return t.skip('no cgroup can be frozen here');
  }
  assert.deepEqual(paused, { code: 0, stdout: 'still\n', stderr: '' });
  assert.match(await sandbox.ok('ps', '--format', '{{.Status}} {{.State}}'), /^Up .* \(Paused\) paused$/);
  assert.equal(
    await sandbox.ok('ps', '-q', '--filter', 'status=paused', '--no-trunc').then(id => id.length),
    64,
  );
  assert.equal(
    await sandbox.ok('inspect', '-f', '{{.State.Paused}} {{.State.Status}}', 'still'),
    'true paused',
  );
  const refused = await sandbox.sampan(['exec', 'still', 'true']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Container still is paused, unpause the container before exec/);
  assert.equal((await sandbox.sampan(['attach', 'still'])).code, 1);
  assert.equal(await sandbox.ok('container', 'unpause', 'still'), 'still');
  assert.equal((await sandbox.sampan(['unpause', 'still'])).code, 1);
  await sandbox.ok('rm', '-f', 'still');
});

test('events tell a life in docker’s order and form', { skip }, async () => {
  const since = String(Date.now() / 1000);
  const id = await sandbox.ok(
    'create',
    '--name',
    'told',
    '-l',
    'k=v',
    '--network',
    'none',
    'base',
    'sleep',
    '1000',
  );
  await sandbox.ok('start', 'told');
  assert.equal((await sandbox.sampan(['exec', 'told', 'sh', '-c', 'exit 3'])).code, 3);
  await sandbox.ok('rename', 'told', 'renamed');
  await sandbox.ok('stop', '-t', '0', 'renamed');
  await sandbox.ok('rm', 'renamed');
  const seen = (...flags: string[]) => sandbox.ok('events', '--since', since, '--until', '0s', ...flags);
  const actions = await seen('-f', 'type=container', '--format', '{{.Action}}');
  assert.deepEqual(actions.split('\n'), [
    'create',
    'start',
    'exec_create: sh -c exit 3',
    'exec_start: sh -c exit 3',
    'exec_die',
    'rename',
    'kill',
    'kill',
    'die',
    'stop',
    'destroy',
  ]);
  const line = await seen('--filter', 'event=die', '--filter', `container=${id}`);
  const attributes = 'execDuration=\\d+, exitCode=137, image=base, k=v, name=renamed';
  assert.match(line, new RegExp(`^\\S+\\.\\d{9}\\S+ container die ${id} \\(${attributes}\\)$`));
  const json = await seen('-f', 'event=exec_die', '--format', '{{json .}}');
  assert.match(json, /"time":\d{10},"timeNano":\d{19}\}$/);
  const parsed = JSON.parse(json);
  assert.equal(parsed.status, 'exec_die');
  assert.equal(parsed.from, 'base');
  assert.equal(parsed.Actor.Attributes.exitCode, '3');
  assert.match(
    await sandbox.ok('events', '--until', '0s', '-f', 'type=image'),
    / image import sha256:\w+ \(name=base:latest\)/,
  );
  const wrong = await sandbox.sampan(['events', '--filter', 'nosuch=1', '--until', '0s']);
  assert.match(wrong.stderr, /Invalid filter 'nosuch'/);
});

test('stats shows a row for each container in docker’s fields', { skip }, async () => {
  await sandbox.ok(
    'run',
    '-d',
    '--name',
    'busy',
    '--network',
    'none',
    'base',
    'sh',
    '-c',
    'while :; do :; done',
  );
  await sandbox.ok('create', '--name', 'idle', 'base');
  const table = await sandbox.ok('stats', '--no-stream');
  const [head, row, ...rest] = table.split('\n');
  assert.match(
    head ?? '',
    /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/,
  );
  assert.match(
    row ?? '',
    /^[0-9a-f]{12} +busy +\d+\.\d\d% +\S+iB \/ \S+iB +\d+\.\d\d% +0B \/ 0B +\S+ \/ \S+ +\d+$/,
  );
  assert.deepEqual(rest, []);
  const cpu = await sandbox.ok('stats', '--no-stream', '--format', '{{.CPUPerc}}', 'busy');
  assert.ok(Number.parseFloat(cpu) > 1, cpu);
  const all = (await sandbox.ok('stats', '-a', '--no-stream', '--format', 'json')).split('\n');
  assert.deepEqual(all.map(line => JSON.parse(line).Name).sort(), ['busy', 'idle']);
  assert.equal((await sandbox.sampan(['stats', '--no-stream', 'nosuch'])).code, 1);
  await sandbox.ok('rm', '-f', 'busy', 'idle');
});

test('a restart policy is taken, shown and obeyed', { skip }, async () => {
  await sandbox.ok(
    'run',
    '-d',
    '--name',
    'again',
    '--network',
    'none',
    '--restart',
    'on-failure:1',
    'base',
    'sh',
    '-c',
    'exit 3',
  );
  assert.equal(await sandbox.ok('wait', 'again'), '3');
  const facts = '{{.RestartCount}} {{json .HostConfig.RestartPolicy}}';
  let shown = '';
  while (!shown.startsWith('1')) shown = await sandbox.ok('inspect', '-f', facts, 'again');
  assert.equal(shown, '1 {"Name":"on-failure","MaximumRetryCount":1}');
  await sandbox.ok('rm', '-f', 'again');
  await sandbox.ok(
    'run',
    '-d',
    '--name',
    'ever',
    '--network',
    'none',
    '--restart',
    'always',
    'base',
    'sleep',
    '1000',
  );
  await sandbox.ok('stop', '-t', '0', 'ever');
  assert.equal(await sandbox.ok('system', 'start'), 'ever');
  assert.equal(await sandbox.ok('inspect', '-f', '{{.State.Status}}', 'ever'), 'running');
  await sandbox.ok('rm', '-f', 'ever');
  const both = await sandbox.sampan(['run', '--rm', '--restart', 'always', 'base', 'true']);
  assert.equal(both.code, 125);
  assert.match(both.stderr, /cannot specify both --restart and --rm/);
  const wrong = await sandbox.sampan(['run', '--restart', 'on-failure:x', 'base', 'true']);
  assert.deepEqual([wrong.code, /maximum retry count must be an integer/.test(wrong.stderr)], [125, true]);
});

test('update prints names, and needs something to change', { skip }, async () => {
  await sandbox.ok('create', '--name', 'changed', '--network', 'none', 'base', 'true');
  assert.equal(await sandbox.ok('update', '--restart', 'on-failure:2', 'changed'), 'changed');
  const policy = await sandbox.ok('inspect', '-f', '{{.HostConfig.RestartPolicy.Name}}', 'changed');
  assert.equal(policy, 'on-failure');
  assert.equal((await sandbox.sampan(['update', 'changed'])).code, 125);
  const wrong = await sandbox.sampan(['update', '-m', '1k', 'changed']);
  assert.deepEqual([wrong.code, /too small/.test(wrong.stderr)], [1, true]);
  await sandbox.ok('rm', 'changed');
});

test('health is shown by ps and inspect as docker shows it', { skip }, async () => {
  const flags = ['--health-cmd', 'echo fine', '--health-interval', '20ms', '--health-retries', '1'];
  await sandbox.ok('run', '-d', '--name', 'well', '--network', 'none', ...flags, 'base', 'sleep', '1000');
  let status = '';
  while (!status.includes('(healthy)'))
    status = await sandbox.ok('ps', '--format', '{{.Status}}', '-f', 'name=well');
  assert.match(status, /^Up .* \(healthy\)$/);
  const health = JSON.parse(await sandbox.ok('inspect', '-f', '{{json .State.Health}}', 'well'));
  assert.deepEqual([health.Status, health.FailingStreak], ['healthy', 0]);
  assert.deepEqual([health.Log[0].ExitCode, health.Log[0].Output], [0, 'fine\n']);
  assert.equal(await sandbox.ok('ps', '-q', '-f', 'health=unhealthy'), '');
  assert.equal(await sandbox.ok('ps', '--format', '{{.Names}}', '-f', 'health=healthy'), 'well');
  await sandbox.ok('rm', '-f', 'well');
  const both = await sandbox.sampan(['run', '--no-healthcheck', ...flags, 'base', 'true']);
  assert.deepEqual([both.code, /--no-healthcheck conflicts/.test(both.stderr)], [125, true]);
  const negative = await sandbox.sampan(['run', '--health-interval', '-1s', 'base', 'true']);
  assert.deepEqual([negative.code, /cannot be negative/.test(negative.stderr)], [125, true]);
});

test('networks are made, used by name and removed', { skip }, async () => {
  assert.match(await sandbox.ok('network', 'create', 'lan'), /^[0-9a-f]{64}$/);
  await sandbox.ok(
    'run',
    '-d',
    '--name',
    'server',
    '--network',
    'lan',
    '--network-alias',
    'api',
    'base',
    'sleep',
    '1000',
  );
  const ping = await sandbox.ok(
    'run',
    '--rm',
    '--network',
    'lan',
    'base',
    'ping',
    '-c',
    '1',
    '-W',
    '5',
    'api',
  );
  assert.match(ping, /1 packets received/);
  assert.equal(
    await sandbox.ok('network', 'ls', '--format', '{{.Name}} {{.Driver}}', '-f', 'name=lan'),
    'lan bridge',
  );
  assert.equal((await sandbox.sampan(['network', 'rm', 'lan'])).code, 1);
  await sandbox.ok('rm', '-f', 'server');
  assert.equal(await sandbox.ok('network', 'rm', 'lan'), 'lan');
  assert.equal((await sandbox.sampan(['network', 'rm', 'lan'])).code, 1);
  assert.equal((await sandbox.sampan(['network', 'rm', '-f', 'lan'])).code, 0);
  for (const name of ['kept', 'unused']) await sandbox.ok('network', 'create', name);
  await sandbox.ok('create', '--name', 'user', '--network', 'kept', 'base');
  assert.equal(await sandbox.ok('network', 'prune', '-f'), 'Deleted Networks:\nunused\n');
  await sandbox.ok('rm', 'user');
  assert.match(await sandbox.ok('network', 'prune', '-f'), /kept/);
});
