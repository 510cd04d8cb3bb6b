import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileUri, placeOf } from '../../client/files/fileUri.ts';
import { changeItems } from '../../client/views/changeItems.ts';
import { fileItems } from '../../client/views/fileItems.ts';
import type { Item } from '../../client/views/item.ts';
import { instructionText, layerItems } from '../../client/views/layerItems.ts';
import { fillRow, Rows } from '../../client/views/rows.ts';
import { volumeItems } from '../../client/views/volumeItems.ts';
import type { FileInfo, FilePlace } from '../../server/protocol/types.ts';
import { image, volume } from './fixtures.ts';

const container: FilePlace = { kind: 'container', id: 'c0ffee' };

const file = (path: string, changes: Partial<FileInfo> = {}): FileInfo => ({
  path,
  type: 'file',
  size: 1200,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  ...changes,
});

/** Labels indented by depth. */
function tree(items: readonly Item[], depth = 0): string {
  return items
    .map(({ label, children }) => `${' '.repeat(depth)}${label}\n${tree(children, depth + 1)}`)
    .join('');
}

test('a place survives the way through a URI whose authority VS Code makes lower case', () => {
  const places: FilePlace[] = [
    container,
    { kind: 'image', id: `sha256:${'a'.repeat(64)}` },
    { kind: 'layer', id: `sha256:${'b'.repeat(64)}` },
    { kind: 'volume', id: 'My_Data.1' },
  ];
  for (const place of places) {
    const uri = new URL(fileUri(place, '/a b/#c?d'));
    assert.deepEqual(placeOf(uri.host.toLowerCase()), place);
    assert.equal(decodeURIComponent(uri.pathname), '/a b/#c?d');
  }
  assert.equal(placeOf('container-../etc'), undefined);
  assert.equal(placeOf('other-00'), undefined);
});

test('folders come first, links say where they lead, and what is no file does not open', () => {
  const items = fileItems(container, [
    file('/b.txt'),
    file('/pipe', { type: 'fifo' }),
    file('/lib', { type: 'symlink', targetType: 'directory', linkTarget: 'usr/lib' }),
    file('/etc', { type: 'directory' }),
    file('/sh', { type: 'symlink', targetType: 'file', linkTarget: '/bin/busybox' }),
  ]);
  assert.deepEqual(
    items.map(({ label, description, click }) => [label, description, click?.command]),
    [
      ['etc', undefined, undefined],
      ['lib', '→ usr/lib', undefined],
      ['b.txt', '1.2kB', 'vscode.open'],
      ['pipe', 'fifo', undefined],
      ['sh', '→ /bin/busybox', 'vscode.open'],
    ],
  );
  assert.deepEqual(
    items.map(({ contextValue }) => contextValue),
    ['folder writable', 'folder writable', 'file writable', 'file writable', 'file writable'],
  );
  const [own] = fileItems({ kind: 'image', id: 'sha256:aa' }, [file('/x')]);
  assert.equal(own?.contextValue, 'file fixed');
});

test('changed files are a tree of their folders, those of one child in one row', () => {
  const items = changeItems('container/1', {
    changes: [
      { kind: 'C', path: '/etc' },
      { kind: 'C', path: '/etc/hosts' },
      { kind: 'A', path: '/usr/share/doc/new' },
      { kind: 'D', path: '/gone' },
    ],
    before: { kind: 'image', id: 'sha256:aa' },
    after: container,
  });
  assert.equal(tree(items), 'etc\n hosts\nusr/share/doc\n new\ngone\n');
  const gone = items.at(-1);
  assert.equal(gone?.resource, 'sampan-files://image-aa/gone?D');
  assert.equal(gone?.spoken, 'gone, deleted');
});

test('layers show the instruction as it is in the Dockerfile', () => {
  const layers = [
    {
      diffId: 'sha256:1',
      chainId: 'sha256:c1',
      createdBy: '/bin/sh -c #(nop) ADD file:x in / ',
      size: 4_260_000,
    },
    { diffId: 'sha256:2', chainId: 'sha256:c2', createdBy: 'RUN /bin/sh -c make  all # buildkit' },
    { diffId: 'sha256:333', chainId: 'sha256:c3', createdBy: '' },
  ];
  const items = layerItems('image/x', { ...image(), config: {}, layers });
  assert.deepEqual(
    items.map(({ label, description }) => [label, description]),
    [
      ['ADD file:x in /', '4.26MB'],
      ['RUN make all', 'missing'],
      ['layer 333', 'missing'],
    ],
  );
  assert.equal(instructionText('|1 V=2 /bin/sh -c echo $V'), 'RUN echo $V');
});

test('rows that were asked for stay the same objects when the list or the folder is asked for again', () => {
  const rows = new Rows();
  rows.update(volumeItems([volume()]));
  const [root] = rows.roots;
  assert.ok(root);
  const place: FilePlace = { kind: 'volume', id: 'data' };
  const [first] = fillRow(root, fileItems(place, [file('/a')]));
  assert.deepEqual(rows.update(volumeItems([volume({ containers: ['web'] })])), [root]);
  assert.deepEqual(root.children, [first]);
  const again = fillRow(root, fileItems(place, [file('/0'), file('/a', { size: 7 })]));
  assert.equal(again[1], first);
  assert.equal(first?.item.description, '7B');
  assert.deepEqual(
    rows.find(({ subject }) => subject.kind === 'file'),
    again,
  );
});
