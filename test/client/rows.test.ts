import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerItems } from '../../client/views/containerItems.ts';
import { linkItems } from '../../client/views/linkItems.ts';
import { type Redraw, Rows } from '../../client/views/rows.ts';
import { container, network } from './fixtures.ts';

const web = container({ id: 'w', name: 'web' });
const db = container({ id: 'd', name: 'db' });
const port = { hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;

test('rows that did not change are not redrawn', () => {
  const rows = new Rows();
  assert.equal(rows.update(containerItems([web, db])), 'everything');
  assert.deepEqual(rows.update(containerItems([db, web])), []);
});

test('a row that changes is redrawn alone and stays the same object', () => {
  const rows = new Rows();
  rows.update(containerItems([web, db]));
  const [, row] = rows.roots;
  assert.deepEqual(ids(rows.update(containerItems([{ ...web, ports: [port] }, db]))), ['container/w']);
  assert.equal(rows.roots[1], row);
  assert.equal(row?.item.contextValue, 'container running published');
  assert.deepEqual(
    row?.children.map(({ item, parent }) => [item.label, parent === row]),
    [
      ['8080 → 80', true],
      ['Changes', true],
      ['Files', true],
    ],
  );
});

test('everything is redrawn when a row comes, goes or moves, and those that stay are the same objects', () => {
  const rows = new Rows();
  rows.update(containerItems([web]));
  const [row] = rows.roots;
  assert.equal(rows.update(containerItems([web, db])), 'everything');
  assert.equal(rows.roots[1], row);
  // Those that run come first.
  assert.equal(rows.update(containerItems([web, { ...db, status: 'exited', exitCode: 0 }])), 'everything');
  assert.equal(rows.roots[0], row);
  assert.deepEqual(
    rows.roots.map(({ item }) => item.spoken),
    ['web, running, app:latest', 'db, exited with code 0, app:latest'],
  );
  assert.equal(rows.update([]), 'everything');
  assert.deepEqual(rows.roots, []);
});

test('a change deep in the tree redraws the deepest row that shows it', () => {
  const rows = new Rows();
  const bridge = network({ containers: [{ id: 'w', name: 'web', address: '10.88.0.2' }] });
  const linked = (address: string) => ({ ...web, links: [{ container: 'd', alias: 'db', address }] });
  rows.update(linkItems([bridge], [linked('10.88.0.3'), db]));
  assert.deepEqual(ids(rows.update(linkItems([bridge], [linked('10.88.0.4'), db]))), ['link/w/db']);
  assert.deepEqual(ids(rows.update(linkItems([bridge], [web, db]))), ['network/b1/w']);
});

function ids(redraw: Redraw): readonly string[] {
  assert.notEqual(redraw, 'everything');
  return (redraw as Exclude<Redraw, 'everything'>).map(({ item }) => item.id);
}
