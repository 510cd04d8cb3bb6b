import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type CacheLayer,
  type CacheRecord,
  decodeCacheConfig,
  decodeInline,
  encodeCacheConfig,
  encodeInline,
  inlineField,
} from '../../server/engine/build/remoteCache/config.ts';

const layer = (name: string): CacheLayer => ({
  diffId: `sha256:${name.repeat(64)}`,
  blob: {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: `sha256:${name.repeat(64)}`,
    size: 7,
  },
  createdAt: '2026-01-01T00:00:00Z',
});
const [base, first, second] = [layer('a'), layer('b'), layer('c')];
const key = (digit: string) => digit.repeat(64);

const records: readonly CacheRecord[] = [
  { key: key('1'), parent: undefined, layers: [base, first] },
  { key: key('2'), parent: key('1'), layers: [base, first, second] },
  { key: key('3'), parent: undefined, layers: [second] },
];

describe('a cache config', () => {
  test('has each layer once for each place in the tree, and reads back', () => {
    const { content, layers } = encodeCacheConfig(records);
    const document = JSON.parse(content.toString());
    assert.deepEqual(
      document.layers.map(({ parent }: { parent: number }) => parent),
      [-1, 0, 1, -1],
    );
    assert.deepEqual(document.records[1].inputs, [[{ link: 0 }]]);
    assert.deepEqual(layers, [base, first, second]);
    const read = decodeCacheConfig(content, 'cache');
    assert.deepEqual(
      [...read],
      records.map(record => [record.key, record.layers]),
    );
  });

  test('of others loses what it does not describe, and never follows a chain in a circle', () => {
    const annotations = { mediaType: 'm', diffID: base.diffId, size: 1 };
    const config = {
      layers: [
        { blob: base.blob.digest, parent: 1, annotations },
        { blob: base.blob.digest, parent: 0, annotations },
        { blob: base.blob.digest, parent: 99, annotations },
        { blob: base.blob.digest, parent: -1 },
        { blob: base.blob.digest, annotations },
      ],
      records: [
        ...[0, 2, 3, 77].map(index => ({
          digest: `sha256:${key(String(index % 10))}`,
          layers: [{ layer: index }],
        })),
        { digest: `sha256:${key('5')}`, inputs: [[{ link: 0, selector: 'x' }]] },
        { digest: `sha256:${key('6')}`, layers: [{ layer: 4, createdAt: 'then' }], chains: [] },
      ],
    };
    const read = decodeCacheConfig(Buffer.from(JSON.stringify(config)), 'cache');
    assert.deepEqual([...read.keys()], [key('6')]);
  });

  test('that is none is refused with its name', () => {
    for (const content of ['', '[]', '{"layers":[{"blob":"x"}]}', '{"records":[{"digest":"sha256:zz"}]}'])
      assert.throws(() => decodeCacheConfig(Buffer.from(content), 'host/app:cache'), {
        code: 'image-invalid',
        message: /^host\/app:cache is not a build cache/,
      });
  });

  test('inside an image speaks of its lowest layers', () => {
    const encoded = encodeInline(records, [base.diffId, first.diffId, second.diffId]);
    const config = Buffer.from(JSON.stringify({ [inlineField]: encoded }));
    const read = decodeInline(config, { what: 'image', layers: [base, first, second] });
    assert.deepEqual(
      [...read],
      records.slice(0, 2).map(record => [record.key, record.layers]),
    );
    assert.deepEqual([...decodeInline(config, { what: 'image', layers: [base] })], []);
    assert.equal(decodeInline(Buffer.from('{}'), { what: 'image', layers: [] }).size, 0);
  });
});
