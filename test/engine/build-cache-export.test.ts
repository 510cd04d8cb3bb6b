import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { BuildEvent, BuildOptions, CacheTarget } from '../../server/engine/build/types.ts';
import { openLayoutFolder } from '../../server/handlers/layoutFolder.ts';
import { type Outcome, testBuild } from './build-bench.ts';
import { registryProgram, startRegistry, type TestRegistry } from './registry-support.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

const skip = engineUnavailable() ?? false;

const dockerfile = [
  'FROM busybox AS made',
  'COPY a /a',
  'RUN cat /a > /made',
  'FROM busybox',
  'WORKDIR /w',
  'COPY --from=made /made .',
  'COPY --link a /linked',
  'RUN cat made /linked > both',
].join('\n');

const settings = {
  mode: 'max',
  compression: 'gzip',
  forceCompression: false,
  isImageManifest: true,
  ignoreError: false,
} as const satisfies Omit<CacheTarget, 'place'>;

describe('a build cache elsewhere', { skip }, () => {
  /** Two machines with the same base image. */
  let here: TestEngine;
  let there: TestEngine;
  let folder: string;
  beforeEach(async () => {
    [here, there] = [await openTestEngine(), await openTestEngine()];
    folder = join(here.base, 'cache');
  });
  afterEach(async () => {
    await there.close();
    await here.close();
  });

  /** A checkout of the same commit may have other times, which a layer keeps; here they are the same. */
  const run = (bench: TestEngine, options: Partial<BuildOptions> = {}): Promise<Outcome> => {
    const build = testBuild(bench, { a: '1' });
    utimesSync(join(build.directory, 'a'), 1_700_000_000, 1_700_000_000);
    return build.run(dockerfile, options);
  };
  const toFolder = (more: Partial<CacheTarget> = {}): CacheTarget => ({
    ...settings,
    place: { kind: 'folder', folder },
    writer: openLayoutFolder(folder),
    ...more,
  });
  const from = [{ kind: 'folder', folder: '' }] as const;
  const fromFolder = () => [{ ...from[0], folder }];

  test('in a folder gives every step of mode=max, and the same layers', async () => {
    const made = await run(here, { cacheTo: [toFolder()] });
    assert.equal(made.hits, 'mmmmmm');
    const taken = await run(there, { cacheFrom: fromFolder() });
    assert.equal(taken.hits, 'HHHHHH');
    assert.deepEqual(taken.image.config.rootfs, made.image.config.rootfs);
    rmSync(folder, { recursive: true });
    assert.equal((await run(there)).hits, 'HHHHHH', 'what was taken is kept');
  });

  test('of mode=min gives the steps of the image alone', async () => {
    await run(here, { cacheTo: [toFolder({ mode: 'min' })] });
    assert.equal([...(await run(there, { cacheFrom: fromFolder() })).hits].sort().join(''), 'HHHHmm');
  });

  test("is BuildKit's: a manifest or an index of layers, with a config that links records and layers", async () => {
    for (const isImageManifest of [true, false]) {
      await run(here, { cacheTo: [toFolder({ isImageManifest })] });
      const blob = (digest: string) =>
        JSON.parse(readFileSync(join(folder, 'blobs/sha256', digest.slice(7)), 'utf8'));
      const [entry] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).manifests;
      assert.equal(entry.annotations['org.opencontainers.image.ref.name'], 'latest');
      const manifest = blob(entry.digest);
      const descriptors = isImageManifest ? [...manifest.layers, manifest.config] : manifest.manifests;
      const config = descriptors.at(-1);
      assert.equal(config.mediaType, 'application/vnd.buildkit.cacheconfig.v0');
      for (const { digest, size } of descriptors)
        assert.equal(statSync(join(folder, 'blobs/sha256', digest.slice(7))).size, size);
      const { layers, records } = blob(config.digest);
      assert.equal(records.length, 6);
      for (const record of records) {
        assert.match(record.digest, /^sha256:[0-9a-f]{64}$/);
        const layer = layers[record.layers[0].layer];
        assert.ok(descriptors.some(({ digest }: { digest: string }) => digest === layer.blob));
        assert.match(layer.annotations.diffID, /^sha256:/);
        for (const [{ link }] of record.inputs ?? []) assert.ok(records[link]);
      }
      const { hits } = await run(there, { cacheFrom: fromFolder() });
      assert.equal(hits, 'HHHHHH');
    }
  });

  test('is written again without packing what it has', async () => {
    await run(here, { cacheTo: [toFolder()] });
    const blobs = join(folder, 'blobs/sha256');
    const before = new Map(readdirSync(blobs).map(name => [name, statSync(join(blobs, name)).ino]));
    const written: string[] = [];
    const plain = openLayoutFolder(folder);
    const writer = {
      ...plain,
      stream: (file: Parameters<typeof plain.stream>[0], produce: Parameters<typeof plain.stream>[1]) => {
        written.push(file.name);
        return plain.stream(file, produce);
      },
    };
    await run(here, { cacheTo: [toFolder({ writer })] });
    assert.deepEqual(written, []);
    assert.equal(readdirSync(blobs).length, before.size);
  });

  test('that is missing, no cache or damaged costs time only', async () => {
    const failures = (events: readonly BuildEvent[]) =>
      events.flatMap(event => (event.kind === 'finish' && event.error ? [event.error] : []));
    const missing = await run(there, { cacheFrom: fromFolder() });
    assert.match(failures(missing.events).join(), /is not an OCI layout/);
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
    assert.match(
      failures((await run(there, { cacheFrom: fromFolder() })).events).join(),
      /has no image latest/,
    );
    await run(here, { cacheTo: [toFolder()] });
    for (const name of readdirSync(join(folder, 'blobs/sha256'))) {
      const path = join(folder, 'blobs/sha256', name);
      const content = readFileSync(path);
      if (content[0] === '{'.charCodeAt(0)) continue;
      content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
      writeFileSync(path, content);
    }
    const fresh = await openTestEngine();
    try {
      const { hits } = await run(fresh, { cacheFrom: fromFolder() });
      assert.equal(hits, 'mmmmmm');
    } finally {
      await fresh.close();
    }
  });

  test('that cannot be written fails the build, unless errors do not count', async () => {
    writeFileSync(folder, 'a file');
    await assert.rejects(run(here, { cacheTo: [toFolder()] }));
    await run(here, { cacheTo: [toFolder({ ignoreError: true })] });
  });

  test('in the image itself gives the steps of its stage', async () => {
    const layout = join(here.base, 'layout');
    const image = {
      kind: 'image-archive',
      format: 'oci-archive',
      names: ['docker.io/library/cached:latest'],
      mediaTypes: 'oci',
      compression: 'gzip',
      forceCompression: false,
      rewriteTimestamps: false,
      annotations: [],
      to: { writer: openLayoutFolder(layout) },
    } as const;
    await run(here, { inlineCache: true, outputs: [{ kind: 'image' }, image] });
    const { hits } = await run(there, { cacheFrom: [{ kind: 'folder', folder: layout }] });
    // What COPY --link makes stands on nothing, which the layers of an image cannot say.
    assert.equal([...hits].sort().join(''), 'HHHmmm');
  });

  describe('in a registry', {
    skip: registryProgram === undefined && 'docker-registry is not installed',
  }, () => {
    let registry: TestRegistry;
    before(async () => {
      registry = await startRegistry();
    });
    after(() => registry.stop());

    test('gives every step, as a manifest and as an index', async () => {
      for (const isImageManifest of [true, false]) {
        const place = {
          kind: 'registry',
          reference: `${registry.address}/cache:${isImageManifest}`,
        } as const;
        await run(here, { cacheTo: [{ ...settings, isImageManifest, place }] });
        const fresh = await openTestEngine();
        try {
          assert.equal((await run(fresh, { cacheFrom: [place] })).hits, 'HHHHHH');
        } finally {
          await fresh.close();
        }
      }
    });

    test('is found in a pushed image', async () => {
      const reference = `${registry.address}/inline:1`;
      await run(here, { tags: [reference], buildArgs: { BUILDKIT_INLINE_CACHE: '1' } });
      await here.engine.images.push(reference, {});
      const { hits } = await run(there, { cacheFrom: [{ kind: 'registry', reference }] });
      assert.equal([...hits].sort().join(''), 'HHHmmm');
    });
  });
});
