import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Digest } from '../../server/common/digest.ts';
import { hostPlatform } from '../../server/common/platform.ts';
import { testBuild } from './build-bench.ts';
import { type SampleImage, sampleImage, tarOf } from './image-support.ts';
import {
  push,
  pushManifest,
  skipWithoutRegistry,
  startRegistry,
  type TestRegistry,
} from './registry-support.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

const { architecture: own } = hostPlatform(process.arch);
const foreign = own === 'arm64' ? 'amd64' : 'arm64';

function imageFor(architecture: string): SampleImage {
  return sampleImage([tarOf({ arch: architecture })], { architecture });
}

/** An index of one image for each of both platforms under `both:1`. */
async function pushIndex(address: string): Promise<void> {
  const manifests = [];
  for (const architecture of [own, foreign]) {
    const image = imageFor(architecture);
    const pushed = await push(address, { name: 'both', tag: architecture, image });
    manifests.push({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: pushed.digest,
      size: pushed.size,
      platform: { os: 'linux', architecture },
    });
  }
  const type = 'application/vnd.oci.image.index.v1+json';
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }));
  await pushManifest(address, { name: 'both', reference: '1', manifest, type });
}

describe('the bases of a build', { skip: engineUnavailable() ?? skipWithoutRegistry }, () => {
  let bench: TestEngine;
  let registry: TestRegistry;
  before(async () => {
    bench = await openTestEngine();
    registry = await startRegistry();
    await pushIndex(registry.address);
  });
  after(async () => {
    await bench.close();
    await registry.stop();
  });

  const architectureOf = async (name: string) => (await bench.engine.images.find(name))?.config.architecture;

  test('of several platforms leave the tag with the one it is for here, and are fetched once', async () => {
    const base = `${registry.address}/both:1`;
    const build = testBuild(bench);
    const run = (platforms: readonly string[]) =>
      bench.engine.builder.build({
        contextDirectory: build.directory,
        dockerfile: {
          path: join(build.directory, 'Dockerfile'),
          text: `FROM ${base}\nCOPY --from=${base} /arch /copied\n`,
        },
        tags: [],
        platforms,
        outputs: [{ kind: 'none' }],
      });
    await run([`linux/${foreign}`]);
    assert.equal(await bench.engine.images.find(base), undefined, 'a foreign base takes no tag');
    await run([`linux/${own}`, `linux/${foreign}`]);
    assert.equal(await architectureOf(base), own);
    await run([`linux/${foreign}`, `linux/${own}`]);
    assert.equal(await architectureOf(base), own);
    await registry.stop();
    const again = await run([`linux/${own}`, `linux/${foreign}`]);
    assert.equal(again.cachedSteps, again.steps);
    registry = await startRegistry();
    await pushIndex(registry.address);
  });

  test('that --pull asks for are looked up again', async () => {
    const base = `${registry.address}/moving:1`;
    const build = testBuild(bench);
    const dockerfile = `FROM ${base}\nCOPY --from=${base} /arch /copied\n`;
    await push(registry.address, { name: 'moving', tag: '1', image: imageFor(own) });
    await build.run(dockerfile);
    const image = sampleImage([tarOf({ arch: 'moved' })]);
    await push(registry.address, { name: 'moving', tag: '1', image });
    assert.equal((await build.run(dockerfile)).hits, 'H');
    assert.equal((await build.run(dockerfile, { pull: true })).hits, 'm');
    assert.equal((await bench.engine.images.find(base))?.id, image.id);
  });

  test('are images of an OCI layout, by tag, by digest, or the only one', async () => {
    const folder = join(bench.base, 'layout');
    const [first, second] = [layoutOf(folder, { tag: 'one' }), layoutOf(folder, { tag: 'two' })];
    const build = testBuild(bench);
    const dockerfile = 'FROM scratch AS base\nFROM busybox\nCOPY --from=base /name /n\nRUN cat /n\n';
    const shown = async (place: string) =>
      (await build.run(dockerfile, { contexts: { base: `oci-layout://${place}` }, noCache: true })).output;
    assert.equal(await shown(`${folder}:one`), 'one');
    assert.equal(await shown(`${folder}:two`), 'two');
    assert.equal(await shown(`${folder}@${first}`), 'one');
    assert.equal(await shown(`${folder}:two@${second}`), 'two');
    await assert.rejects(shown(folder), { code: 'not-found', message: /has no image latest/ });
    await assert.rejects(shown(`${folder}:three`), { code: 'not-found' });
    await assert.rejects(shown(bench.base), { code: 'not-found', message: /is not an OCI layout/ });
    const images = await bench.engine.images.list();
    assert.ok(images.every(({ tags }) => !tags.some(tag => /one|two/.test(tag))));
    const from = await build.run('FROM base\nCOPY --from=base /name /again\n', {
      contexts: { base: `oci-layout://${folder}:one` },
    });
    assert.equal(from.image.config.rootfs.diff_ids.length, 2);
  });

  test('of an OCI layout are verified', async () => {
    const folder = join(bench.base, 'damaged');
    layoutOf(folder, { tag: 'latest' });
    const blobs = join(folder, 'blobs/sha256');
    for (const name of readdirSync(blobs)) {
      const content = readFileSync(join(blobs, name));
      content[20] = (content[20] ?? 0) ^ 1;
      writeFileSync(join(blobs, name), content);
    }
    const build = testBuild(bench);
    await assert.rejects(
      build.run('FROM base\nCOPY --from=base /name /n\n', { contexts: { base: `oci-layout://${folder}` } }),
      { code: 'image-invalid' },
    );
  });
});

/** Adds an image with a file `name` to a layout folder; gives the digest of its manifest. */
function layoutOf(folder: string, { tag }: { readonly tag: string }): Digest {
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, content: Buffer) => {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(blobs, hex), content);
    return { mediaType, digest: `sha256:${hex}` as const, size: content.length };
  };
  const image = sampleImage([tarOf({ name: tag })]);
  const manifest = put(
    'application/vnd.oci.image.manifest.v1+json',
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: put('application/vnd.oci.image.config.v1+json', image.config),
        layers: image.layers.map(layer => put('application/vnd.oci.image.layer.v1.tar', layer)),
      }),
    ),
  );
  const path = join(folder, 'index.json');
  const before = (() => {
    try {
      return JSON.parse(readFileSync(path, 'utf8')).manifests;
    } catch {
      return [];
    }
  })();
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const manifests = [...before, { ...manifest, annotations }];
  writeFileSync(path, JSON.stringify({ schemaVersion: 2, manifests }));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return manifest.digest;
}
