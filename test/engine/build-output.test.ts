import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { ArchiveFile, BuildOutput } from '../../server/engine/build/types.ts';
import { openLayoutFolder } from '../../server/handlers/layoutFolder.ts';
import { testBuild } from './build-bench.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

const skip = engineUnavailable();
let bench: TestEngine;

before(async () => {
  if (!skip) bench = await openTestEngine();
});
after(() => bench?.close());

const dockerfile =
  'FROM busybox AS b\nRUN mkdir /d && echo x > /d/f && ln -s f /d/l && chown 7:8 /d/f && chmod 640 /d/f\nFROM scratch\nCOPY --from=b /d /d\nCOPY a /a\n';

function collector(): { readonly file: ArchiveFile; bytes(): Buffer } {
  const chunks: Buffer[] = [];
  return {
    file: produce => produce(chunk => void chunks.push(Buffer.from(chunk))),
    bytes: () => Buffer.concat(chunks),
  };
}

const plain = {
  kind: 'image-archive',
  format: 'oci-archive',
  names: ['docker.io/library/out:1'],
  mediaTypes: 'oci',
  compression: 'gzip',
  forceCompression: false,
  rewriteTimestamps: false,
  annotations: [],
} as const;

/** Members of a tar by name. */
function untar(bytes: Buffer, options: readonly string[] = []): Map<string, Buffer> {
  const { stdout } = spawnSync('tar', ['-tf', '-', ...options], { input: bytes, encoding: 'utf8' });
  const files = stdout.split('\n').filter(name => name !== '' && !name.endsWith('/'));
  return new Map(
    files.map(name => [name, spawnSync('tar', ['-xOf', '-', name], { input: bytes, maxBuffer: 1e9 }).stdout]),
  );
}

function readLayout(bytes: Buffer) {
  const files = untar(bytes);
  const json = (name: string) => JSON.parse((files.get(name) as Buffer).toString());
  const blob = (digest: string) => files.get(`blobs/sha256/${digest.slice(7)}`) as Buffer;
  for (const [name, content] of files) {
    const hex = /^blobs\/sha256\/(.+)$/.exec(name)?.[1];
    if (hex) assert.equal(createHash('sha256').update(content).digest('hex'), hex);
  }
  return { json, blob, document: (digest: string) => JSON.parse(blob(digest).toString()) };
}

test('the files of a build go into a folder, owned by the user, beside what is there', { skip }, async () => {
  const build = testBuild(bench, { a: 'new' });
  const folder = join(build.directory, '..', 'out-folder');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a'), 'old');
  writeFileSync(join(folder, 'kept'), 'kept');
  await build.write({});
  const outputs: BuildOutput[] = [{ kind: 'folder', path: folder, splitPlatforms: true }];
  const result = await bench.engine.builder.build({
    contextDirectory: build.directory,
    dockerfile: { path: 'Dockerfile', text: dockerfile },
    tags: ['not-stored:1'],
    outputs,
  });
  assert.equal(result.image, undefined);
  assert.equal(await bench.engine.images.find('not-stored:1'), undefined);
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'new');
  assert.equal(readFileSync(join(folder, 'kept'), 'utf8'), 'kept');
  assert.equal(readlinkSync(join(folder, 'd/l')), 'f');
  const file = lstatSync(join(folder, 'd/f'));
  assert.deepEqual([file.uid, file.mode & 0o7777], [process.getuid?.(), 0o640]);
});

test('a link in the folder is replaced, not followed', { skip }, async () => {
  const build = testBuild(bench, { a: 'x' });
  const outside = join(build.directory, '..', 'outside');
  const folder = join(build.directory, '..', 'linked');
  mkdirSync(outside);
  mkdirSync(folder);
  spawnSync('ln', ['-s', outside, join(folder, 'd')]);
  await bench.engine.builder.build({
    contextDirectory: build.directory,
    dockerfile: { path: 'Dockerfile', text: dockerfile },
    tags: [],
    outputs: [{ kind: 'folder', path: folder, splitPlatforms: true }],
  });
  assert.deepEqual(readdirSync(outside), []);
  assert.ok(lstatSync(join(folder, 'd')).isDirectory());
});

test('the root file system is one tar with its owners; SOURCE_DATE_EPOCH is the time of all', {
  skip,
}, async () => {
  const build = testBuild(bench, { a: 'x' });
  const { file, bytes } = collector();
  await bench.engine.builder.build({
    contextDirectory: build.directory,
    dockerfile: { path: 'Dockerfile', text: dockerfile },
    tags: [],
    buildArgs: { SOURCE_DATE_EPOCH: '1000000000' },
    outputs: [{ kind: 'rootfs-archive', file }],
  });
  const listed = spawnSync('tar', ['--numeric-owner', '--utc', '-tvf', '-'], {
    input: bytes(),
    encoding: 'utf8',
  });
  const lines = listed.stdout.trim().split('\n');
  assert.equal(lines.length, 4);
  for (const line of lines) assert.match(line, /2001-09-09 01:46 /);
  assert.match(listed.stdout, /-rw-r----- 7\/8 +2 .* d\/f/);
});

test('an image archive has compressed layers, its name and its annotations', { skip }, async () => {
  const build = testBuild(bench, { a: 'x' });
  const { file, bytes } = collector();
  const result = await bench.engine.builder.build({
    contextDirectory: build.directory,
    dockerfile: { path: 'Dockerfile', text: dockerfile },
    tags: [],
    outputs: [
      {
        ...plain,
        to: { file },
        annotations: [
          { level: 'manifest', key: 'a', value: '1' },
          { level: 'manifest', platform: 'linux/riscv64', key: 'other', value: '2' },
          { level: 'manifest-descriptor', key: 'b', value: '3' },
        ],
      },
    ],
  });
  const { json, document, blob } = readLayout(bytes());
  const [entry] = json('index.json').manifests;
  assert.equal(entry.digest, result.digest);
  assert.equal(entry.annotations['io.containerd.image.name'], 'docker.io/library/out:1');
  assert.equal(entry.annotations.b, '3');
  const manifest = document(entry.digest);
  assert.deepEqual(manifest.annotations, { a: '1' });
  assert.equal(manifest.config.digest, result.imageId);
  const config = document(manifest.config.digest);
  for (const [index, layer] of manifest.layers.entries()) {
    assert.equal(layer.mediaType, 'application/vnd.oci.image.layer.v1.tar+gzip');
    const tar = gunzipSync(blob(layer.digest));
    assert.equal(`sha256:${createHash('sha256').update(tar).digest('hex')}`, config.rootfs.diff_ids[index]);
  }
});

test('rewritten times are at most SOURCE_DATE_EPOCH, above the base only, the same bytes each time', {
  skip,
}, async () => {
  const build = testBuild(bench, { a: 'x' });
  const text = 'FROM busybox\nCOPY a /a\nRUN touch -d @5 /old && touch /new\n';
  const make = async (noCache: boolean) => {
    const { file, bytes } = collector();
    await bench.engine.builder.build({
      contextDirectory: build.directory,
      dockerfile: { path: 'Dockerfile', text },
      tags: [],
      noCache,
      network: 'none',
      buildArgs: { SOURCE_DATE_EPOCH: '1000000000' },
      outputs: [{ ...plain, compression: 'none', rewriteTimestamps: true, to: { file } }],
    });
    return bytes();
  };
  const once = await make(false);
  assert.ok(once.equals(await make(true)));
  const { json, document, blob } = readLayout(once);
  const { layers } = document(json('index.json').manifests[0].digest);
  const list = (layer: { digest: string }) =>
    spawnSync('tar', ['--utc', '-tvf', '-'], { input: blob(layer.digest), encoding: 'utf8' }).stdout;
  assert.match(list(layers.at(-2)), /2001-09-09 01:46 a\n/);
  assert.match(list(layers.at(-1)), /1970-01-01 00:00 old\n/);
  assert.match(list(layers.at(-1)), /2001-09-09 01:46 new\n/);
  const base = await bench.engine.images.resolve('busybox');
  assert.equal(
    document(document(json('index.json').manifests[0].digest).config.digest).rootfs.diff_ids[0],
    base.config.rootfs.diff_ids[0],
  );
});

test('several platforms are one index; each image has its own values, and the store gets none', {
  skip,
}, async () => {
  const build = testBuild(bench, { a: 'x' });
  const folder = join(build.directory, '..', 'layout');
  const result = await bench.engine.builder.build({
    contextDirectory: build.directory,
    dockerfile: {
      path: 'Dockerfile',
      text: 'FROM scratch\nARG TARGETPLATFORM\nLABEL p=$TARGETPLATFORM\nCOPY a /a\n',
    },
    tags: ['multi:1'],
    platforms: ['linux/amd64', 'linux/arm/v7', 'amd64'],
    outputs: [{ ...plain, to: { writer: openLayoutFolder(folder) } }],
  });
  const read = (digest: string) =>
    JSON.parse(readFileSync(join(folder, 'blobs/sha256', digest.slice(7)), 'utf8'));
  const [entry] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).manifests;
  assert.equal(entry.digest, result.digest);
  const configs = read(entry.digest).manifests.map((one: { digest: string }) =>
    read(read(one.digest).config.digest),
  );
  assert.deepEqual(
    configs.map((config: { architecture: string; variant?: string; config: { Labels: { p: string } } }) => [
      config.architecture,
      config.variant,
      config.config.Labels.p,
    ]),
    [
      ['amd64', undefined, 'linux/amd64'],
      ['arm', 'v7', 'linux/arm/v7'],
    ],
  );
  assert.equal(await bench.engine.images.find('multi:1'), undefined);
  const [loaded] = await bench.engine.images.load(folder);
  assert.ok(loaded);
});

test('several platforms do not fit the store, which is said before anything is built', { skip }, async () => {
  const build = testBuild(bench, {});
  const started: string[] = [];
  await assert.rejects(
    bench.engine.builder.build({
      contextDirectory: build.directory,
      dockerfile: { path: 'Dockerfile', text: 'FROM busybox\nRUN true\n' },
      tags: [],
      platforms: ['linux/amd64', 'linux/arm64'],
      onProgress: event => void started.push(event.kind),
    }),
    { code: 'unsupported', message: /The store keeps images of one platform/ },
  );
  assert.deepEqual(started, []);
});
