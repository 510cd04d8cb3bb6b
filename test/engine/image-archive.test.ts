import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Image } from '../../server/engine/image/types.ts';
import { loadNative } from '../../server/engine/native.ts';
import { openStore, type Store } from '../../server/engine/store/store.ts';
import { makeSandbox, type Sandbox } from '../runtime/support/sandbox.ts';
import {
  findProgram,
  linkEntry,
  ociLayout,
  openImages,
  type SampleImage,
  sampleImage,
  tarOf,
} from './image-support.ts';
import { collectBytes, dist, sha256, streamOf } from './store-support.ts';

const layers = [
  tarOf({ 'etc/': undefined, 'etc/one': 'first', 'etc/gone': 'soon' }),
  tarOf({ 'etc/': undefined, 'etc/.wh.gone': '', 'etc/two': 'second', big: 'x'.repeat(300_000) }),
];
const image = sampleImage(layers);
const name = 'docker.io/library/sample:1';

let sandbox: Sandbox;
let store: Store;
let engine: ReturnType<typeof openImages>;

/** A new engine over an empty store; the holder is shared by the file. */
async function freshEngine(root: string) {
  store = await openStore({ root, locks: loadNative(dist) });
  return openImages(store, () => sandbox.runtime.openFs());
}

let count = 0;
before(() => {
  sandbox = makeSandbox();
});
beforeEach(async () => {
  count += 1;
  engine = await freshEngine(join(sandbox.base, `store${count}`));
});
afterEach(async () => {
  await engine.snapshots.close();
  assert.deepEqual(await readdir(store.paths.tmp), []);
  assert.deepEqual(await readdir(store.paths.active), []);
});
after(() => sandbox.remove());

async function write(file: string, content: Uint8Array): Promise<string> {
  const path = join(sandbox.base, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const load = async (content: Uint8Array) => engine.images.load(await write(`in${count}.tar`, content));

async function save(
  names: string[],
  { format = 'docker-archive' as 'docker-archive' | 'oci-archive', file = `out${count}.tar` } = {},
): Promise<string> {
  const path = join(sandbox.base, file);
  const output = await open(path, 'w');
  try {
    await engine.images.save(names, chunk => output.appendFile(chunk), { format });
  } finally {
    await output.close();
  }
  return path;
}

/** A file of an image's root as a container would see it. */
async function fileIn(image: Image, path: string): Promise<string | undefined> {
  const session = await sandbox.runtime.openFs();
  try {
    const rootfs = await session.mount({ lowers: await engine.snapshots.lowers(image.chainId) });
    return (await rootfs.readFile(path, 1_000_000))?.toString();
  } finally {
    await session.close();
  }
}

const dockerManifest = (entry: object) => JSON.stringify([{ RepoTags: ['sample:1'], ...entry }]);

function dockerArchive(of: SampleImage, entry: object = {}): Record<string, string | Buffer> {
  const names = of.layers.map((_, index) => `layer${index}.tar`);
  return {
    'config.json': of.config,
    ...Object.fromEntries(names.map((one, index) => [one, of.layers[index] as Buffer])),
    'manifest.json': dockerManifest({ Config: 'config.json', Layers: names, ...entry }),
  };
}

describe('load', () => {
  test('docker archive gives the image with its files', async () => {
    const [loaded] = await load(tarOf(dockerArchive(image)));
    assert.ok(loaded);
    assert.equal(loaded.id, image.id);
    assert.deepEqual(loaded.tags, [name]);
    assert.equal(await fileIn(loaded, '/etc/one'), 'first');
    assert.equal(await fileIn(loaded, '/etc/two'), 'second');
    assert.equal(await fileIn(loaded, '/etc/gone'), undefined);
  });

  test('docker archive with manifest first, compressed layers and several tags', async () => {
    const packed = { ...image, layers: image.layers.map(layer => gzipSync(layer)) };
    const { 'manifest.json': manifest, ...rest } = dockerArchive(packed, { RepoTags: ['a:1', 'b/c:2'] });
    const [loaded] = await load(tarOf({ 'manifest.json': manifest as string, ...rest }));
    assert.equal(loaded?.id, image.id);
    assert.deepEqual(loaded?.tags, ['docker.io/b/c:2', 'docker.io/library/a:1']);
  });

  test('docker archive of podman has links to its layers', async () => {
    const [first, second] = image.layers.map(sha256).map(one => one.slice(7));
    const files = tarOf({
      [`${first}.tar`]: image.layers[0],
      [`${second}.tar`]: image.layers[1],
      './config.json': image.config,
      'manifest.json': dockerManifest({ Config: 'config.json', Layers: ['a/layer.tar', 'b/layer.tar'] }),
    });
    const links = [
      linkEntry('a/layer.tar', { type: '2', target: `../${first}.tar` }),
      linkEntry('b/layer.tar', { type: '1', target: `${second}.tar` }),
    ];
    const [loaded] = await load(Buffer.concat([...links, files]));
    assert.equal(loaded?.id, image.id);
  });

  test('one archive may hold several images and untagged ones', async () => {
    const other = sampleImage([layers[0] as Buffer], { config: { Cmd: ['other'] } });
    const entries = [
      { Config: 'one.json', RepoTags: ['one'], Layers: ['l0', 'l1'] },
      { Config: 'two.json', RepoTags: null, Layers: ['l0'] },
    ];
    const loaded = await load(
      tarOf({
        l0: layers[0],
        l1: layers[1],
        'one.json': image.config,
        'two.json': other.config,
        'manifest.json': JSON.stringify(entries),
      }),
    );
    assert.deepEqual(
      loaded.map(one => [one.id, one.tags]),
      [
        [image.id, ['docker.io/library/one:latest']],
        [other.id, []],
      ],
    );
  });

  test('docker archive with long names in every tar format', async () => {
    const long = `${'folder-with-a-long-name/'.repeat(5)}layer.tar`;
    const files = { ...dockerArchive(image, { Layers: [long, 'link.tar'] }), [long]: layers[0] as Buffer };
    for (const format of ['gnu', 'pax', 'ustar']) {
      engine = await freshEngine(join(sandbox.base, `format-${format}`));
      const folder = join(sandbox.base, `files-${format}`);
      for (const [file, content] of Object.entries(files)) {
        await write(join(`files-${format}`, file), Buffer.from(content));
      }
      await symlink('layer1.tar', join(folder, 'link.tar'));
      const path = join(sandbox.base, `${format}.tar`);
      execFileSync('tar', ['--format', format, '-cf', path, '-C', folder, '.']);
      assert.equal((await engine.images.load(path))[0]?.id, image.id, format);
      await engine.snapshots.close();
    }
  });

  test('docker archive of 128 layers gives one root of them all', async () => {
    const many = sampleImage(Array.from({ length: 128 }, (_, n) => tarOf({ [`file${n}`]: `${n}` })));
    const [loaded] = await load(tarOf(dockerArchive(many)));
    assert.equal((await engine.snapshots.lowers(loaded?.chainId)).length, 128);
    for (const n of [0, 64, 127]) assert.equal(await fileIn(loaded as Image, `/file${n}`), `${n}`);
  });

  const damaged: [what: string, files: Record<string, string | Buffer>, message: RegExp][] = [
    [
      'a wrong diffID',
      dockerArchive({ ...image, layers: [layers[0] as Buffer, tarOf({ evil: 'x' })] }),
      /diffID/,
    ],
    ['a missing layer', dockerArchive(image, { Layers: ['layer0.tar', 'none.tar'] }), /none\.tar is missing/],
    ['too few layers', dockerArchive(image, { Layers: ['layer0.tar'] }), /1 layers where the config has 2/],
    ['a missing config', dockerArchive(image, { Config: 'none.json' }), /none\.json is missing/],
    ['a tag that is none', dockerArchive(image, { RepoTags: ['Sample:1'] }), /lower case/],
    ['a manifest that is none', { 'manifest.json': '{"a":1}' }, /not a list/],
    ['no manifest at all', { 'etc/passwd': 'root' }, /holds no image/],
  ];
  for (const [what, files, message] of damaged) {
    test(`docker archive with ${what} is refused and nothing is visible`, async () => {
      await assert.rejects(load(tarOf(files)), { code: 'image-invalid', message });
      assert.deepEqual(await engine.images.list(), []);
    });
  }

  test('what is no archive, or half of one, is refused', async () => {
    const archive = tarOf(dockerArchive(image));
    await assert.rejects(load(archive.subarray(0, archive.length / 2)), { code: 'image-invalid' });
    await assert.rejects(load(Buffer.from('hello')), { code: 'image-invalid' });
    await assert.rejects(load(Buffer.alloc(0)), { code: 'image-invalid' });
    const packed = gzipSync(archive);
    await assert.rejects(load(packed.subarray(0, packed.length / 2)), { code: 'image-invalid' });
    await assert.rejects(engine.images.load(join(sandbox.base, 'nowhere.tar')), {
      code: 'not-found',
      message: /nowhere\.tar/,
    });
  });

  test('OCI layout as tar, gzip, folder, and nested', async () => {
    const forms: [form: string, options: object][] = [
      ['tar', { name }],
      ['gzip', { refName: 'sample:1' }],
      ['folder', { name, plain: true }],
      ['nested', { name, nested: true }],
    ];
    for (const [form, options] of forms) {
      engine = await freshEngine(join(sandbox.base, `layout-${form}`));
      const files = ociLayout(image, options);
      const tar = tarOf(files);
      let path = await write(`layout-${form}.tar`, form === 'gzip' ? gzipSync(tar) : tar);
      if (form === 'folder') {
        path = join(sandbox.base, 'layout');
        for (const [file, content] of Object.entries(files)) {
          await write(join('layout', file), Buffer.from(content));
        }
      }
      const [loaded] = await engine.images.load(path);
      assert.equal(loaded?.id, image.id, form);
      assert.deepEqual(loaded?.tags, [name], form);
      assert.equal(await fileIn(loaded as Image, '/etc/two'), 'second', form);
      await engine.snapshots.close();
    }
  });

  test('OCI layout with a mere tag as name loads without a name, or takes that of manifest.json', async () => {
    const files = ociLayout(image, { refName: '1', plain: true });
    assert.deepEqual((await load(tarOf(files)))[0]?.tags, []);
    const config = `blobs/sha256/${image.id.slice(7)}`;
    const Layers = layers.map(layer => `blobs/sha256/${sha256(layer).slice(7)}`);
    const both = { ...files, 'manifest.json': dockerManifest({ Config: config, Layers }) };
    assert.deepEqual((await load(tarOf(both)))[0]?.tags, [name]);
  });

  test('OCI layout with a damaged blob is refused and nothing is visible', async () => {
    const files = ociLayout(image, { name });
    const blobs = Object.keys(files).filter(one => one.startsWith('blobs/'));
    for (const blob of blobs) {
      const content = Buffer.from(files[blob] as Buffer);
      content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
      await assert.rejects(load(tarOf({ ...files, [blob]: content })), { code: 'image-invalid' }, blob);
      await assert.rejects(
        load(tarOf({ ...files, [blob]: Buffer.concat([files[blob] as Buffer, Buffer.of(0)]) })),
        { code: 'image-invalid' },
        blob,
      );
      const { [blob]: _, ...without } = files;
      await assert.rejects(load(tarOf(without)), { code: 'image-invalid', message: /missing/ }, blob);
    }
    assert.equal(blobs.length, 4);
    assert.deepEqual(await engine.images.list(), []);
  });

  test('cancelled leaves nothing visible', async () => {
    const path = await write('cancel.tar', tarOf(dockerArchive(image)));
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await assert.rejects(engine.images.load(path, { signal: stop.signal, onProgress }), {
      code: 'cancelled',
    });
    assert.deepEqual(await engine.images.list(), []);
  });
});

describe('save', () => {
  test('and load give the same image, and two saves the same bytes', async () => {
    const [loaded] = await load(tarOf(ociLayout(image, { name })));
    const first = await save(['sample:1']);
    const second = await save(['sample:1'], { file: 'again.tar' });
    assert.deepEqual(await readFile(first), await readFile(second));
    await engine.snapshots.close();
    engine = await freshEngine(join(sandbox.base, 'second'));
    const [again] = await engine.images.load(first);
    assert.deepEqual(again, loaded);
    assert.deepEqual(await readFile(await save(['sample:1'], { file: 'third.tar' })), await readFile(first));
  });

  test('makes the layer of an image without blobs from its files, byte for byte', async () => {
    const imported = await engine.images.import(streamOf(gzipSync(layers[0] as Buffer)), {
      tags: ['local:1'],
      config: { Cmd: ['/bin/sh'] },
    });
    assert.equal(await fileIn(imported, '/etc/one'), 'first');
    const path = await save(['local:1']);
    const diffId = imported.config.rootfs.diff_ids[0] ?? '';
    const listing = execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).split('\n');
    assert.ok(listing.includes(`blobs/sha256/${diffId.slice(7)}`));
    await engine.snapshots.close();
    engine = await freshEngine(join(sandbox.base, 'third'));
    const [again] = await engine.images.load(path);
    assert.equal(again?.id, imported.id);
  });

  test('writes an image built here on one from elsewhere, each layer in its own way', async () => {
    const [base] = await load(tarOf(ociLayout(image, { name })));
    const session = await sandbox.runtime.openFs();
    const active = await engine.snapshots.prepare('step', base?.chainId);
    await session.makeDirectory(join(active.layers.upper, 'made', 'here'));
    const layer = await engine.snapshots.commit(session, active);
    await session.close();
    const diff_ids = [...(base?.config.rootfs.diff_ids ?? []), layer.diffId];
    const config = Buffer.from(JSON.stringify({ ...base?.config, rootfs: { type: 'layers', diff_ids } }));
    const built = await engine.images.create(config, { tags: ['built:1'] });
    // The base goes; its layers and their blobs stay, because the built image stands on them.
    await engine.images.remove(name, { force: false, usedBy: async () => [] });
    const path = await save(['built:1']);
    const manifest = execFileSync('tar', ['-xOf', path, 'manifest.json'], { encoding: 'utf8' });
    const blobs = [...layers.map(one => gzipSync(one)), undefined].map(one => one && sha256(one).slice(7));
    const written: string[] = JSON.parse(manifest)[0].Layers.map((one: string) => one.slice(13));
    assert.deepEqual(written, [blobs[0], blobs[1], layer.diffId.slice(7)]);
    await engine.snapshots.close();
    engine = await freshEngine(join(sandbox.base, 'mixed'));
    const [again] = await engine.images.load(path);
    assert.equal(again?.id, built.id);
    assert.equal(await fileIn(again as Image, '/etc/two'), 'second');
  });

  test('notices files that changed on disk', async () => {
    const imported = await engine.images.import(streamOf(layers[0] as Buffer), { tags: ['local:1'] });
    const info = (await engine.snapshots.list())[0];
    const session = await sandbox.runtime.openFs();
    await session.makeDirectory(join(info?.directories[0] ?? '', 'intruder'));
    await session.close();
    await assert.rejects(save([imported.id]), { code: 'store-corrupt' });
  });

  test('by repository takes all its tags, by id none', async () => {
    const [loaded] = await load(tarOf(dockerArchive(image, { RepoTags: ['a:1', 'a:2', 'b:1'] })));
    const manifest = async (names: string[]) => {
      const path = await save(names);
      return JSON.parse(execFileSync('tar', ['-xOf', path, 'manifest.json'], { encoding: 'utf8' }));
    };
    assert.deepEqual((await manifest(['a']))[0].RepoTags, ['a:1', 'a:2']);
    assert.deepEqual((await manifest(['a:2', 'b:1']))[0].RepoTags, ['a:2', 'b:1']);
    assert.equal((await manifest([loaded?.id ?? '']))[0].RepoTags, null);
    await assert.rejects(save(['nothing']), { code: 'not-found' });
  });

  test('failing sink and cancellation end it', async () => {
    await load(tarOf(dockerArchive(image)));
    const broken = () => Promise.reject(new Error('disk gone'));
    await assert.rejects(engine.images.save([name], broken, { format: 'docker-archive' }), {
      message: 'disk gone',
    });
    const signal = AbortSignal.abort();
    await assert.rejects(
      engine.images.save([name], () => {}, { format: 'oci-archive', signal }),
      {
        code: 'cancelled',
      },
    );
  });

  test('a damaged blob does not pass', async () => {
    await load(tarOf(dockerArchive(image)));
    await writeFile(store.paths.blob(sha256(layers[1] as Buffer)), 'short');
    await assert.rejects(save([name]), { code: 'store-corrupt' });
  });
});

describe('interchange', () => {
  const skip = (...programs: string[]) => {
    const missing = programs.find(one => findProgram(one) === undefined);
    return missing !== undefined && `${missing} is not installed`;
  };
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  /** Two saved images: one with its layers as they came, one whose layer is made from files. */
  async function saved(): Promise<string> {
    await load(tarOf(ociLayout(image, { name })));
    await engine.images.import(streamOf(layers[0] as Buffer), { tags: ['local:2'], config: { Cmd: ['x'] } });
    return save(['sample:1', 'local:2']);
  }

  test('skopeo reads our archive in both forms', { skip: skip('skopeo') }, async () => {
    const path = await saved();
    assert.deepEqual(JSON.parse(run('skopeo', 'list-tags', `docker-archive:${path}`)).Tags.sort(), [
      'local:2',
      'sample:1',
    ]);
    const config = run('skopeo', 'inspect', '--config', '--raw', `docker-archive:${path}:sample:1`);
    assert.equal(sha256(config), image.id);
    const layout = join(sandbox.base, 'skopeo-layout');
    await mkdir(layout);
    execFileSync('tar', ['-xf', path, '-C', layout]);
    const inspected = JSON.parse(run('skopeo', 'inspect', `oci:${layout}:1`));
    assert.equal(inspected.Layers.length, 2);
    const policy = await write('policy.json', Buffer.from('{"default":[{"type":"insecureAcceptAnything"}]}'));
    const target = join(sandbox.base, 'copied');
    run('skopeo', '--policy', policy, 'copy', `docker-archive:${path}:local:2`, `oci:${target}:t`);
    const [loaded] = await engine.images.load(target);
    assert.equal(loaded?.config.rootfs.diff_ids.length, 1);
  });

  test('umoci unpacks our archive', { skip: skip('umoci') }, async () => {
    const path = await saved();
    const layout = join(sandbox.base, 'umoci-layout');
    await mkdir(layout);
    execFileSync('tar', ['-xf', path, '-C', layout]);
    assert.deepEqual(run('umoci', 'ls', '--layout', layout).trim().split('\n').sort(), ['1', '2']);
    const bundle = join(sandbox.base, 'bundle');
    run('umoci', 'unpack', '--rootless', '--image', `${layout}:1`, bundle);
    assert.equal(await readFile(join(bundle, 'rootfs/etc/two'), 'latin1'), 'second');
    assert.ok(!existsSync(join(bundle, 'rootfs/etc/gone')));
  });

  test('podman loads our archive, and we what it saves', { skip: skip('podman') }, async () => {
    const path = await saved();
    const storage = ['--root', join(sandbox.base, 'podman'), '--runroot', join(sandbox.base, 'podman-run')];
    const podman = (...args: string[]) => run('podman', ...storage, '--storage-driver', 'vfs', ...args);
    podman('load', '-i', path);
    // podman takes a short name for one of this machine.
    const podmanName = 'localhost/sample:1';
    const id = podman('image', 'inspect', '-f', '{{.Id}}', podmanName).trim();
    assert.equal(`sha256:${id}`, image.id);
    for (const format of ['docker-archive', 'oci-archive']) {
      const back = join(sandbox.base, `podman-${format}.tar`);
      podman('save', '--format', format, '-o', back, podmanName);
      await engine.snapshots.close();
      engine = await freshEngine(join(sandbox.base, `podman-${format}`));
      const [loaded] = await engine.images.load(back);
      assert.deepEqual(loaded?.tags, [podmanName], format);
      assert.equal(await fileIn(loaded as Image, '/etc/one'), 'first');
    }
    podman('system', 'reset', '--force');
  });

  test('size of what is saved is what was announced', async () => {
    const path = await saved();
    assert.equal((await stat(path)).size % 512, 0);
    const bytes = await collectBytes((await open(path)).createReadStream());
    assert.ok(bytes.subarray(-1024).every(byte => byte === 0));
  });
});
