import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapGraph } from '../../client/map/mapGraph.ts';
import { layoutOf, neighbour, nodeHeight, nodeWidth } from '../../client/map/page/layout.ts';
import type { ContainerInfo } from '../../server/protocol/types.ts';
import { container, image, volume } from './fixtures.ts';

const app = image();
const spare = image({ id: `sha256:${'b'.repeat(64)}`, tags: ['spare:1'] });
const mount = { type: 'volume', volume: 'data', source: '/v', target: '/srv', readOnly: true } as const;
const db = container({ id: 'd', name: 'db', mounts: [mount] });
const web = container({
  id: 'w',
  name: 'web',
  ports: [{ hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
  links: [{ container: 'd', alias: 'database', address: '10.88.0.3' }],
});
const facts = { images: [app, spare], containers: [web, db], volumes: [volume(), volume({ name: 'old' })] };

test('the map shows where containers come from, what they hold and whom they reach', () => {
  const { nodes, edges, unused } = mapGraph(facts, { showUnused: false });
  assert.deepEqual(
    nodes.map(({ kind, label, detail, state }) => [kind, label, detail, state]),
    [
      ['image', 'app:latest', '4.26MB', 'plain'],
      ['container', 'db', 'running', 'running'],
      ['container', 'web', 'running · 8080 → 80', 'running'],
      ['volume', 'data', 'not in use', 'plain'],
    ],
  );
  assert.deepEqual(
    edges.map(({ spoken, broken }) => [spoken, broken]),
    [
      ['web was made from app:latest', false],
      ['web reaches db as database', false],
      ['db was made from app:latest', false],
      ['db holds the volume data at /srv (read-only)', false],
    ],
  );
  assert.equal(unused, 2);
  const ids = new Set(nodes.map(({ id }) => id));
  for (const { from, to } of edges) assert.ok(ids.has(from) && ids.has(to));
  assert.equal(mapGraph(facts, { showUnused: true }).nodes.length, 6);
});

test('a link to a container that does not run is broken and says why; what is gone is left out', () => {
  const broken = {
    ...web,
    links: [
      { container: 'd', alias: 'database' },
      { container: 'gone', alias: 'x' },
    ],
  };
  const stopped: ContainerInfo = { ...db, status: 'exited', exitCode: 1 };
  const { nodes, edges } = mapGraph({ ...facts, containers: [broken, stopped] }, { showUnused: false });
  const links = edges.filter(({ kind }) => kind === 'links');
  assert.deepEqual(
    links.map(({ broken: isBroken, spoken }) => [isBroken, spoken]),
    [[true, 'web reaches db as database, but db does not run']],
  );
  assert.equal(nodes.find(({ label }) => label === 'db')?.state, 'failed');
});

test('two hundred containers are laid out without lying on each other, from left to right', () => {
  const many = Array.from({ length: 200 }, (_, index) =>
    container({
      id: `c${index}`,
      name: `c${index}`,
      ...(index % 3 === 0 ? { mounts: [mount] } : {}),
      ...(index % 5 === 1 ? { links: [{ container: `c${index - 1}`, alias: 'other' }] } : {}),
    }),
  );
  const graph = mapGraph({ ...facts, containers: many }, { showUnused: false });
  const { nodes, edges } = layoutOf(graph);
  const places = [...nodes.values()];
  for (const [index, a] of places.entries())
    for (const b of places.slice(index + 1))
      assert.ok(Math.abs(a.x - b.x) >= nodeWidth || Math.abs(a.y - b.y) >= nodeHeight);
  for (const { from, to } of graph.edges) assert.ok((nodes.get(from)?.x ?? 0) < (nodes.get(to)?.x ?? 0));
  assert.equal(edges.length, graph.edges.length);
});

test('arrow keys go to the nearest node in their direction', () => {
  const layout = layoutOf(mapGraph(facts, { showUnused: false }));
  const right = (from: string) => neighbour(layout, from, 'right');
  const own = `image/${app.id}/app:latest`;
  assert.ok(right(own)?.startsWith('container/'));
  assert.equal(neighbour(layout, right(own) ?? '', 'left'), own);
  assert.equal(neighbour(layout, own, 'left'), undefined);
});
