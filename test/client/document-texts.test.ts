import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageTag } from '../../client/build/imageName.ts';
import { unused } from '../../client/commands/unused.ts';
import { changesText, historyText, logText } from '../../client/documentTexts.ts';
import { container, image, volume } from './fixtures.ts';

test('a history tells the latest step first, and which of them made a layer', () => {
  const text = historyText({
    ...image(),
    layers: [
      { chainId: '', diffId: `sha256:${'1'.repeat(64)}`, createdBy: '' },
      { chainId: '', diffId: `sha256:${'2'.repeat(64)}`, createdBy: '' },
    ],
    config: {
      history: [
        { created: '2026-01-02T03:04:05.678Z', created_by: 'ADD rootfs.tar /' },
        { created: '2026-01-02T03:04:06Z', created_by: 'ENV A=1', empty_layer: true },
        { created: '2026-01-02T03:04:07Z', created_by: 'RUN make \\\n  install' },
      ],
    },
  });
  assert.equal(
    text,
    [
      'CREATED              LAYER         CREATED BY',
      '2026-01-02T03:04:07  222222222222  RUN make \\ install',
      '2026-01-02T03:04:06  -             ENV A=1',
      '2026-01-02T03:04:05  111111111111  ADD rootfs.tar /',
      '',
    ].join('\n'),
  );
});

test('layers that a history does not tell of are listed', () => {
  const layers = [{ chainId: '', diffId: `sha256:${'1'.repeat(64)}`, createdBy: '' }];
  assert.match(historyText({ ...image(), layers, config: {} }), /\n- +111111111111\n$/);
});

test('changes are listed as docker lists them', () => {
  const changes = [
    { kind: 'C', path: '/etc' },
    { kind: 'A', path: '/etc/x' },
  ] as const;
  assert.equal(changesText(changes), 'C /etc\nA /etc/x\n');
});

test('a log as a text has no colours and one kind of line end', () => {
  assert.equal(logText('\x1b[1;31mred\x1b[0m\r\nplain\n'), 'red\nplain\n');
});

test('what nothing uses is offered, and chosen is what docker would prune', () => {
  const found = unused({
    containers: [container({ name: 'up' }), container({ name: 'down', status: 'exited', exitCode: 1 })],
    images: [
      image({ tags: ['used:1'], containers: ['up'] }),
      image({ tags: ['free:1', 'free:2'] }),
      image({ tags: [] }),
    ],
    volumes: [volume({ name: 'kept', containers: ['up'] }), volume({ name: 'free' })],
  });
  assert.deepEqual(
    found.map(({ kind, label, usual }) => `${kind} ${label}${usual ? ' *' : ''}`),
    ['container down *', 'image free:1, free:2', 'image <none> aaaaaaaaaaaa *', 'volume free'],
  );
});

test('a stage has a tag of its own', () => {
  assert.equal(stageTag('web:latest', 'Deps'), 'web:deps');
  assert.equal(stageTag('127.0.0.1:5000/web', 'deps'), '127.0.0.1:5000/web:deps');
});
