import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Digest } from '../../server/common/digest.ts';
import { isSampanError } from '../../server/common/errors.ts';
import { nameOf } from '../../server/engine/image/archive/ociLayout.ts';
import { manifestEntry, namedEntries, planDocuments } from '../../server/engine/image/archive/savePlan.ts';
import { decodePax, decodeTarHeader, encodeTarHeader } from '../../server/engine/image/archive/tarHeader.ts';
import { decompress, detectCompression } from '../../server/engine/image/compression.ts';
import { parseImageConfig } from '../../server/engine/image/config.ts';
import { lookUp, noSuchImage } from '../../server/engine/image/lookup.ts';
import { isIndex, parseManifest } from '../../server/engine/image/manifest.ts';
import { isLayerType } from '../../server/engine/image/media-types.ts';
import { planRemoval } from '../../server/engine/image/removal.ts';
import { findProgram, resealed } from './image-support.ts';
import { collectBytes, sha256, streamOf } from './store-support.ts';

const host = { os: 'linux', architecture: 'amd64' };
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('image config', () => {
  const rootfs = { type: 'layers', diff_ids: [sha256('a')] };

  test('reads what docker writes, null as missing and unknown fields dropped', () => {
    const config = parseImageConfig(
      json({
        created: '2024-01-01T00:00:00Z',
        architecture: 'arm64',
        os: 'linux',
        container: 'x',
        config: {
          Entrypoint: null,
          Cmd: ['sh'],
          ExposedPorts: { '80/tcp': {} },
          Volumes: { '/v': null },
          Healthcheck: { Test: ['NONE'], Interval: 1e9 },
        },
        rootfs,
        history: null,
      }),
      host,
    );
    assert.deepEqual(config.config, {
      ExposedPorts: { '80/tcp': {} },
      Cmd: ['sh'],
      Volumes: { '/v': {} },
      Healthcheck: { Test: ['NONE'], Interval: 1e9 },
    });
    assert.equal(config.architecture, 'arm64');
    assert.ok(!('history' in config));
  });

  test('takes the host for a missing platform, as old docker archives need', () => {
    assert.deepEqual(parseImageConfig(json({ rootfs }), host), { ...host, rootfs });
  });

  test('says what is wrong and where', () => {
    const cases: [document: unknown, problem: RegExp][] = [
      [[], /not an object/],
      [
        { rootfs: { type: 'layers', diff_ids: ['sha256:1'] } },
        /rootfs\.diff_ids\[0\] is not a sha256 digest/,
      ],
      [{ rootfs: { type: 'other', diff_ids: [] } }, /rootfs\.type/],
      [{ rootfs, config: { Env: 'A=1' } }, /config\.Env is not a list/],
      [{ rootfs, history: [{}, {}] }, /history has 2 layers, its rootfs 1/],
    ];
    for (const [document, problem] of cases) {
      assert.throws(() => parseImageConfig(json(document), host), {
        code: 'image-invalid',
        message: problem,
      });
    }
    assert.throws(() => parseImageConfig(Buffer.from('{'), host), { code: 'image-invalid' });
  });

  test('history may be shorter than the layers', () => {
    assert.ok(parseImageConfig(json({ rootfs, history: [{ empty_layer: true }] }), host).history);
  });
});

describe('manifest', () => {
  const descriptor = { mediaType: 'm', digest: sha256('x'), size: 1 };

  test('is told from an index by its fields when the types say nothing', () => {
    const manifest = parseManifest(json({ config: descriptor, layers: [descriptor] }), { what: 'It' });
    assert.ok(!isIndex(manifest));
    assert.equal(manifest.mediaType, 'application/vnd.oci.image.manifest.v1+json');
    assert.ok(isIndex(parseManifest(json({ manifests: [descriptor] }), { what: 'It' })));
  });

  test('that is neither, or of 2013, is refused with a reason', () => {
    assert.throws(() => parseManifest(json({ schemaVersion: 1 }), { what: 'It' }), { code: 'unsupported' });
    assert.throws(() => parseManifest(json({}), { what: 'It' }), { code: 'image-invalid', message: /^It/ });
    assert.throws(() => parseManifest(json({ config: descriptor, layers: [{}] }), { what: 'It' }), {
      message: /layers\[0\]\.mediaType/,
    });
  });

  test('layer types of OCI and docker are known in every compression', () => {
    for (const type of [
      'application/vnd.oci.image.layer.v1.tar',
      'application/vnd.oci.image.layer.v1.tar+gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    ]) {
      assert.ok(isLayerType(type), type);
    }
    assert.ok(!isLayerType('application/vnd.cncf.helm.chart.content.v1.tar+gzip'));
  });
});

describe('image lookup', () => {
  const id = (start: string) => `sha256:${start.padEnd(64, '0')}` as Digest;
  const store = {
    images: [id('abc1'), id('abc2'), id('beef')],
    references: [
      { reference: 'docker.io/library/web:latest', image: id('abc1') },
      { reference: 'docker.io/library/beef:latest', image: id('abc2') },
      { reference: `docker.io/library/web@${sha256('m')}`, image: id('abc1') },
    ],
  };
  const find = (given: string) => lookUp(given, store)?.image;

  test('finds by name, id and unique prefix; a name wins over a prefix', () => {
    assert.equal(find('web'), id('abc1'));
    assert.equal(find('docker.io/library/web:latest'), id('abc1'));
    assert.equal(find(`web:other@${sha256('m')}`), id('abc1'));
    assert.equal(find(id('abc2')), id('abc2'));
    assert.equal(find(id('abc2').slice(7)), id('abc2'));
    assert.equal(find('abc2'), id('abc2'));
    assert.equal(find('sha256:abc2'), id('abc2'));
    assert.equal(find('beef'), id('abc2'));
    assert.equal(find('be'), id('beef'));
    for (const nothing of ['web:2', 'b', 'ffff', 'Web', '']) assert.equal(find(nothing), undefined, nothing);
  });

  test('of a prefix of several images says so', () => {
    assert.throws(() => find('abc'), { code: 'invalid-argument', message: /fits 2 images/ });
  });

  test('that fails tells a wrong name from a missing image', () => {
    assert.equal(noSuchImage('web:2').code, 'not-found');
    assert.equal(noSuchImage('Web').code, 'invalid-argument');
  });
});

describe('image removal', () => {
  const image = sha256('image');
  const digestName = `docker.io/library/a@${sha256('m')}`;
  const [a1, a2, b1] = ['docker.io/library/a:1', 'docker.io/library/a:2', 'docker.io/library/b:1'];
  const plan = (
    reference: string | undefined,
    state: { references: string[]; users?: string[]; force?: boolean },
  ) => planRemoval('given', { users: [], force: false, ...state, found: { image, reference } });

  test('by one of several tags takes only that tag', () => {
    assert.deepEqual(plan(a1, { references: [a1, b1] }), { untag: [a1], deleteImage: false });
    assert.deepEqual(plan(a1, { references: [a1, a2, digestName], users: ['box'] }), {
      untag: [a1],
      deleteImage: false,
    });
  });

  test('by the last tag takes the digests of its repository and the image', () => {
    assert.deepEqual(plan(a1, { references: [a1, digestName] }), {
      untag: [a1, digestName],
      deleteImage: true,
    });
    assert.deepEqual(plan(b1, { references: [b1, digestName] }), { untag: [b1], deleteImage: false });
  });

  test('by the last tag of an image in use needs force, and then leaves the image', () => {
    assert.throws(() => plan(a1, { references: [a1], users: ['box'] }), {
      code: 'conflict',
      message: /container box/,
    });
    assert.deepEqual(plan(a1, { references: [a1], users: ['box'], force: true }), {
      untag: [a1],
      deleteImage: false,
    });
  });

  test('by id with several names needs force', () => {
    assert.throws(() => plan(undefined, { references: [a1, a2] }), {
      code: 'conflict',
      message: /a:1, a:2/,
    });
    assert.deepEqual(plan(undefined, { references: [a1, b1], force: true }), {
      untag: [a1, b1],
      deleteImage: true,
    });
    assert.deepEqual(plan(undefined, { references: [a1, digestName] }), {
      untag: [a1, digestName],
      deleteImage: true,
    });
    assert.deepEqual(plan(undefined, { references: [] }), { untag: [], deleteImage: true });
  });

  test('by id of an image in use needs force', () => {
    assert.throws(() => plan(undefined, { references: [], users: ['x', 'y'] }), {
      message: /containers x, y/,
    });
    assert.ok(plan(undefined, { references: [], users: ['x'], force: true }).deleteImage);
  });
});

describe('tar header', () => {
  test('reads back as written, also above the octal limit', () => {
    for (const size of [0, 1, 0o77777777777, 0o77777777777 + 1, 2 ** 45]) {
      const header = decodeTarHeader(encodeTarHeader({ name: 'blobs/x', size, type: 'file' }));
      assert.deepEqual(header, { name: 'blobs/x', size, type: '0', linkTarget: '' });
    }
    assert.equal(decodeTarHeader(Buffer.alloc(512)), undefined);
  });

  test('of a link has no content, whatever its size says', () => {
    const block = encodeTarHeader({ name: 'link', size: 5, type: 'file' });
    block.write('1', 156, 'latin1');
    assert.equal(decodeTarHeader(resealed(block))?.size, 0);
  });

  test('of anything is read or refused, never a crash', () => {
    const damaged = fc.record({ at: fc.nat(511), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(damaged, { maxLength: 8 }), changes => {
        const block = encodeTarHeader({ name: 'blobs/x', size: 7, type: 'file' });
        for (const { at, value } of changes) block[at] = value;
        try {
          const header = decodeTarHeader(resealed(block));
          assert.ok(header === undefined || (Number.isSafeInteger(header.size) && header.size >= 0));
        } catch (error) {
          assert.ok(isSampanError(error, 'image-invalid'), String(error));
        }
      }),
    );
  });

  test('with a wrong checksum is refused', () => {
    const block = encodeTarHeader({ name: 'x', size: 1, type: 'file' });
    block[0] = 0x79;
    assert.throws(() => decodeTarHeader(block), { code: 'image-invalid' });
  });

  test('pax records are read, damaged ones refused', () => {
    assert.deepEqual(
      [...decodePax(Buffer.from('11 path=ab\n9 size=1\n'))],
      [
        ['path', 'ab'],
        ['size', '1'],
      ],
    );
    for (const bad of ['99 a=b\n', 'x a=b\n', '0 a=b\n']) assert.throws(() => decodePax(Buffer.from(bad)));
  });
});

describe('compression', () => {
  const content = Buffer.from('sampan '.repeat(10_000));

  test('is told from the first bytes and undone', async () => {
    assert.equal(detectCompression(gzipSync('x')), 'gzip');
    assert.equal(detectCompression(Buffer.alloc(0)), 'none');
    const packed = gzipSync(content);
    const bytewise = streamOf(
      ...Array.from(packed.subarray(0, 8), byte => Buffer.of(byte)),
      packed.subarray(8),
    );
    assert.deepEqual(await collectBytes(decompress(bytewise)), content);
    assert.deepEqual(await collectBytes(decompress(streamOf(content))), content);
    assert.equal((await collectBytes(decompress(streamOf()))).length, 0);
  });

  test('gzip of several members is read to the end', async () => {
    const two = Buffer.concat([gzipSync('one'), gzipSync('two')]);
    assert.equal((await collectBytes(decompress(streamOf(two)))).toString(), 'onetwo');
  });

  test('damaged or cut data is refused', async () => {
    const packed = gzipSync(content);
    await assert.rejects(collectBytes(decompress(streamOf(packed.subarray(0, packed.length - 9)))), {
      code: 'image-invalid',
    });
  });

  test('failure of the source comes through as it is', async () => {
    async function* broken() {
      yield gzipSync(content).subarray(0, 20);
      throw new Error('cable pulled');
    }
    await assert.rejects(collectBytes(decompress(broken())), { message: 'cable pulled' });
  });

  for (const program of ['zstd', 'xz', 'bzip2']) {
    const found = findProgram(program);
    const skip = found === undefined && `${program} is not installed`;
    test(`${program} is undone`, { skip }, async () => {
      const { execFileSync } = await import('node:child_process');
      const packed = execFileSync(program, ['-c'], { input: content });
      assert.equal(detectCompression(packed), program);
      assert.deepEqual(await collectBytes(decompress(streamOf(packed))), content);
      await assert.rejects(collectBytes(decompress(streamOf(packed.subarray(0, packed.length - 5)))), {
        code: 'image-invalid',
      });
    });
  }
});

describe('archive documents', () => {
  test('names of layout entries are full names, never a mere tag', () => {
    const name = (annotations: Record<string, string>) =>
      nameOf({ mediaType: 'm', digest: sha256('x'), size: 1, annotations });
    const refName = 'org.opencontainers.image.ref.name';
    assert.equal(
      name({ 'io.containerd.image.name': 'docker.io/library/a:1', [refName]: '1' }),
      'docker.io/library/a:1',
    );
    assert.equal(name({ [refName]: 'localhost/v:2' }), 'localhost/v:2');
    assert.equal(name({ [refName]: 'v:2' }), 'docker.io/library/v:2');
    assert.equal(name({ [refName]: 'latest' }), undefined);
    assert.equal(name({ [refName]: 'Not/Valid:1' }), undefined);
  });

  test('manifest.json and index.json name the same image', () => {
    const blob = (text: string) => ({ mediaType: 'm', digest: sha256(text), size: text.length });
    const image = {
      id: sha256('config'),
      config: { ...host, rootfs: { type: 'layers' as const, diff_ids: [] } },
      manifest: blob('manifest'),
      layers: [blob('layer')],
      names: ['docker.io/library/a:1'],
    };
    const images = [image, { ...image, names: [] }];
    const entries = images.flatMap(one => namedEntries(manifestEntry(one), one.names));
    const documents = planDocuments({ entries, docker: images });
    assert.deepEqual(
      documents.map(one => one.name),
      ['index.json', 'manifest.json', 'oci-layout'],
    );
    const [index, docker] = documents.map(one => JSON.parse(one.content.toString()));
    assert.equal(index.manifests[0].annotations['org.opencontainers.image.ref.name'], '1');
    assert.ok(!('annotations' in index.manifests[1]));
    assert.deepEqual(docker[0], {
      Config: `blobs/sha256/${sha256('config').slice(7)}`,
      RepoTags: ['a:1'],
      Layers: [`blobs/sha256/${sha256('layer').slice(7)}`],
    });
    assert.equal(docker[1].RepoTags, null);
    assert.equal(planDocuments({ entries, docker: undefined }).length, 2);
  });
});
