import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PastBuild } from '../../client/build/buildHistory.ts';
import { buildItems } from '../../client/views/buildItems.ts';
import { containerItems } from '../../client/views/containerItems.ts';
import { damagedItems } from '../../client/views/damagedItems.ts';
import { imageItems } from '../../client/views/imageItems.ts';
import type { Item } from '../../client/views/item.ts';
import { linkItems } from '../../client/views/linkItems.ts';
import { tooltip } from '../../client/views/tooltips.ts';
import { volumeItems } from '../../client/views/volumeItems.ts';
import { container, image, network, volume } from './fixtures.ts';

const port = { hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;

/** The tree as a screen shows it: icon, label, description, indented by depth. */
function drawn(items: readonly Item[], depth = 0): string {
  return items
    .map(
      ({ icon, label, description, children }) =>
        `${'  '.repeat(depth)}(${typeof icon === 'string' ? icon : icon.id}) ${label}${description === undefined ? '' : ` | ${description}`}\n${drawn(children, depth + 1)}`,
    )
    .join('');
}

test('containers show running ones first, ports and mounts below', () => {
  const mount = { type: 'volume', volume: 'data', source: '/v', target: '/data', readOnly: true } as const;
  const rows = containerItems([
    container({ id: '1', name: 'a-job', status: 'exited', exitCode: 3, ports: [port] }),
    container({ id: '2', name: 'web', ports: [port], mounts: [mount] }),
  ]);
  assert.equal(
    drawn(rows),
    [
      '(vm-running) web | 8080 → 80 · app:latest',
      '  (plug) 8080 → 80 | 127.0.0.1',
      '  (database) /data | data (read-only)',
      '  (diff) Changes',
      '  (folder) Files',
      '(vm-outline) a-job | exited with code 3 · app:latest',
      '  (diff) Changes',
      '  (folder) Files',
      '',
    ].join('\n'),
  );
});

test('a container says its state in words and offers what fits it', () => {
  const say = (changes: Parameters<typeof container>[0]) => {
    const [item] = containerItems([container(changes)]);
    return `${item?.spoken} / ${item?.contextValue}`;
  };
  assert.equal(
    say({ ports: [port] }),
    'web, running, app:latest, port 8080 on this machine goes to tcp port 80 / container running published',
  );
  assert.equal(
    say({ status: 'exited', exitCode: 1 }),
    'web, exited with code 1, app:latest / container exited',
  );
  assert.match(say({ status: 'exited', exitCode: 137, oomKilled: true }), /killed, out of memory/);
  assert.match(say({ status: 'created', error: 'no such file' }), /could not start.* \/ container created$/);
  assert.match(say({ ports: [{ ...port, protocol: 'udp' }] }), /container running$/);
});

test('what is damaged is shown with the reason and what to do', () => {
  const damage = {
    kind: 'container',
    id: 'a'.repeat(64),
    message: 'It is damaged.',
    hint: 'Remove it.',
  } as const;
  const [item] = damagedItems([damage]);
  assert.equal(drawn(item ? [item] : []), '(warning) aaaaaaaaaaaa | damaged\n');
  assert.equal(item?.spoken, 'container aaaaaaaaaaaa, damaged');
  assert.match((item && tooltip(item.subject, new Date())) ?? '', /It is damaged\\\.\s+Remove it\\\./);
});

test('a row keeps its id when the state changes', () => {
  const id = (changes: Parameters<typeof container>[0]) => containerItems([container(changes)])[0]?.id;
  assert.equal(id({ status: 'running', ports: [port] }), id({ status: 'exited', exitCode: 0, ports: [] }));
});

test('images show one row for each tag, dangling ones last', () => {
  const rows = imageItems([
    image({ id: `sha256:${'d'.repeat(64)}`, tags: [], size: 900 }),
    image({ tags: ['web:2', 'web:1'], containers: ['c'] }),
  ]);
  assert.equal(
    drawn(rows.map(row => ({ ...row, children: [] }))),
    [
      '(package) web:1 | 4.26MB · in use',
      '(package) web:2 | 4.26MB · in use',
      '(circle-slash) <none> dddddddddddd | 900B',
      '',
    ].join('\n'),
  );
  assert.equal(new Set(rows.map(({ id }) => id)).size, 3);
  for (const { children } of rows)
    assert.deepEqual(
      children.map(({ label, lazy }) => [label, lazy?.kind]),
      [
        ['Layers', 'layers'],
        ['Files', 'folder'],
      ],
    );
});

test('volumes show who uses them, anonymous ones last', () => {
  const rows = volumeItems([
    volume({ name: 'f'.repeat(64), anonymous: true }),
    volume({ name: 'pg', containers: ['db', 'backup'] }),
  ]);
  assert.equal(
    drawn(rows),
    '(database) pg | used by db, backup\n(database) ffffffffffff | anonymous · not in use\n',
  );
  assert.deepEqual(
    rows.map(({ contextValue }) => contextValue),
    ['volume used', 'volume unused'],
  );
});

test('links show networks, addresses and who reaches whom by which name', () => {
  const web = container({
    id: 'w',
    name: 'web',
    links: [{ container: 'd', alias: 'db', address: '10.88.0.3' }],
  });
  const database = container({ id: 'd', name: 'postgres' });
  const rows = linkItems(
    [
      network({ id: 'n', name: 'none', driver: 'none' }),
      network({ containers: [{ id: 'w', name: 'web', address: '10.88.0.2' }] }),
    ],
    [web, database],
  );
  assert.equal(
    drawn(rows),
    [
      '(type-hierarchy) bridge | 10.88.0.0/16 · 1 container',
      '  (vm-connect) web | 10.88.0.2',
      '    (link) db → postgres | 10.88.0.3',
      '(circle-slash) none | 10.88.0.0/16 · 0 containers',
      '',
    ].join('\n'),
  );
});

test('a link that leads to nobody says why', () => {
  const bridge = network({ containers: [{ id: 'w', name: 'web', address: '10.88.0.2' }] });
  const web = container({ id: 'w', links: [{ container: 'd', alias: 'db', address: '10.88.0.3' }] });
  const told = (others: Parameters<typeof container>[0][]) =>
    linkItems([bridge], [web, ...others.map(container)])[0]?.children[0]?.children[0]?.description;
  assert.equal(told([{ id: 'd', name: 'postgres' }]), '10.88.0.3');
  assert.equal(
    told([{ id: 'd', name: 'postgres', status: 'exited', exitCode: 1 }]),
    'it is not running: exited with code 1',
  );
  assert.equal(told([]), 'it was removed');
});

test('builds tell what they took from the cache, or why they failed', () => {
  const past = (outcome: PastBuild['outcome']): PastBuild => ({
    id: '1',
    document: 'file:///work/Dockerfile',
    params: { tags: outcome.kind === 'cancelled' ? [] : ['web:1'] },
    startedAt: '2026-01-02T03:04:05Z',
    milliseconds: 3100,
    outcome,
  });
  const items = buildItems([
    past({ kind: 'built', steps: 6, cachedSteps: 4 }),
    past({ kind: 'failed', message: 'exit code 3', line: 4 }),
    past({ kind: 'failed', message: 'no such file' }),
    past({ kind: 'cancelled' }),
  ]);
  assert.equal(
    drawn(items),
    [
      '(pass) web:1 | 3.1 s · 4 of 6 steps from the cache',
      '(error) web:1 | failed after 3.1 s · exit code 3',
      '(error) web:1 | failed after 3.1 s · no such file',
      '(circle-slash) Dockerfile | cancelled after 3.1 s',
      '',
    ].join('\n'),
  );
  assert.deepEqual(
    items.map(({ contextValue }) => contextValue),
    ['build built', 'build failed line', 'build failed', 'build cancelled'],
  );
});
