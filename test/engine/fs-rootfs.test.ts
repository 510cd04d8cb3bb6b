import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { CopyEntry, EntryInfo, MountedRootfs } from '../../server/engine/runtime/types.ts';
import { Collector, collect, type FsBench, gather, openFsBench } from './fs-support.ts';
import { pieces, type TarMember, tarOf } from './tar-support.ts';

const text = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes).toString() : undefined);
const plain = { uid: 0, gid: 0, mode: 0o644 } as const;
const sizeMax = 1024 * 1024;

describe('mounted rootfs', () => {
  let bench: FsBench;
  let number = 0;
  before(async () => {
    bench = await openFsBench();
  });
  after(() => bench.close());

  async function layer(members: readonly TarMember[]): Promise<string> {
    const directory = await bench.directory(`layer-${++number}`);
    await bench.session.applyLayer(directory, pieces(tarOf(members)));
    return directory;
  }

  /** A writable rootfs on one layer. */
  async function writable(members: readonly TarMember[] = []) {
    const [lower, upper, work] = [
      await layer(members),
      await bench.directory(`upper-${++number}`),
      await bench.directory(`work-${number}`),
    ];
    const layers = { lowers: [lower], upper, work };
    return { layers, rootfs: await bench.session.mount(layers) };
  }

  const read = async (rootfs: MountedRootfs, path: string) => text(await rootfs.readFile(path, sizeMax));

  test('reading follows links inside and answers at once on what is no file', async () => {
    const { rootfs } = await writable([
      { name: 'etc/passwd', content: 'root:x:0:0' },
      { name: 'absolute', type: '2', link: '/etc/passwd' },
      { name: 'up', type: '2', link: '../../../../etc/passwd' },
      { name: 'fifo', type: '6' },
      { name: 'loop', type: '2', link: 'loop' },
      { name: 'big', content: 'x'.repeat(2000) },
    ]);
    assert.equal(await read(rootfs, '/absolute'), 'root:x:0:0');
    assert.equal(await read(rootfs, '/up'), 'root:x:0:0');
    assert.equal(await rootfs.readFile('/missing', 10), undefined);
    assert.equal(await rootfs.readFile('/etc/passwd/x', 10), undefined);
    for (const path of ['/fifo', '/etc', '/loop'])
      await assert.rejects(rootfs.readFile(path, 10), { code: 'image-invalid' }, path);
    await assert.rejects(rootfs.readFile('/big', 1999), {
      code: 'image-invalid',
      message: /longer than 1999/,
    });
    assert.equal((await rootfs.readFile('/big', 2000))?.length, 2000);
  });

  test('stat follows the last link only when asked', async () => {
    const { rootfs } = await writable([
      { name: 'f', content: 'abc', mode: 0o4711 },
      { name: 'l', type: '2', link: '/f' },
    ]);
    assert.equal((await rootfs.stat('/l'))?.linkTarget, '/f');
    const { mode, size, type } = (await rootfs.stat('/l', { followLast: true })) as EntryInfo;
    assert.deepEqual({ mode, size, type }, { mode: 0o4711, size: 3, type: 'file' });
    assert.equal(await rootfs.stat('/none'), undefined);
    assert.equal(await rootfs.stat('/f/none'), undefined);
  });

  test('walk gives byte order, hashes, attributes and names that are not UTF-8', async () => {
    const { rootfs } = await writable([
      { name: 'a/z', content: 'hello' },
      { name: 'a.b' },
      { name: Buffer.from([0x61, 0xff]) },
      {
        name: 'x',
        pax: { path: 'n\nl', 'SCHILY.xattr.user.note': Buffer.from([1, 2]), 'SCHILY.xattr.user.a': 'b' },
      },
    ]);
    const entries = await gather(rootfs.walk('/', { hash: true, recursive: true }));
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['/a', '/a/z', '/a.b', '/a\ufffd', '/n\nl'],
    );
    assert.equal(entries[1]?.sha256, createHash('sha256').update('hello').digest('hex'));
    assert.deepEqual(entries[3]?.rawPath, Uint8Array.of(0x2f, 0x61, 0xff));
    assert.deepEqual(entries[4]?.xattrs, { 'user.a': '62', 'user.note': '0102' });
    assert.deepEqual(
      (await gather(rootfs.walk('/', { hash: false, recursive: false }))).map(({ path }) => path),
      ['/a', '/a.b', '/a\ufffd', '/n\nl'],
    );
    const [file] = await gather(rootfs.walk('/a/z', { hash: true, recursive: true }));
    assert.deepEqual([file?.path, file?.sha256], ['/a/z', entries[1]?.sha256]);
    await assert.rejects(collect(rootfs, '/none'), { code: 'not-found' });
  });

  test('session answers other requests between two entries of a walk', async () => {
    const { rootfs } = await writable([
      { name: 'a', content: '1' },
      { name: 'b', content: '2' },
    ]);
    const contents: unknown[] = [];
    for await (const { path } of rootfs.walk('/', { hash: false, recursive: true }))
      contents.push(await read(rootfs, path));
    assert.deepEqual(contents, ['1', '2']);
    for await (const _ of rootfs.walk('/', { hash: false, recursive: true })) break;
    assert.equal(await read(rootfs, '/a'), '1');
  });

  test('directories are made with owner and mode, through dangling links, and named', async () => {
    const { rootfs } = await writable([
      { name: 'have/', type: '5', mode: 0o700 },
      { name: 'dangling', type: '2', link: '/nowhere/deep' },
      { name: 'relative', type: '2', link: '../have/../beside' },
      { name: 'file' },
    ]);
    const options = { mode: 0o2770, uid: 0, gid: 0 };
    assert.deepEqual(await rootfs.makeDirectory('/have/a/b', options), ['/have/a', '/have/a/b']);
    assert.equal((await rootfs.stat('/have'))?.mode, 0o700);
    assert.equal((await rootfs.stat('/have/a'))?.mode, 0o2770);
    assert.deepEqual(await rootfs.makeDirectory('/have/a/b', options), []);
    await rootfs.makeDirectory('/dangling/x', options);
    assert.equal((await rootfs.stat('/nowhere/deep/x'))?.type, 'directory');
    await rootfs.makeDirectory('/relative/y', options);
    assert.equal((await rootfs.stat('/beside/y'))?.type, 'directory');
    await assert.rejects(rootfs.makeDirectory('/file/x', options), { code: 'conflict' });
  });

  test('copy puts every kind of entry with its attributes', async () => {
    const source = bench.path(`context-${++number}`);
    await mkdir(`${source}/d`, { recursive: true });
    await writeFile(`${source}/d/f`, 'from the host');
    const { rootfs } = await writable();
    const entries: CopyEntry[] = [
      { type: 'directory', target: '/app', ...plain, mode: 0o750, mtimeNs: 1_000_000_001n },
      { type: 'file', target: '/app/f', source: 'd/f', ...plain, mode: 0o4755, mtimeNs: 5n },
      { type: 'file', target: '/app/text', content: Buffer.from('x'.repeat(300_000)), ...plain },
      { type: 'symlink', target: '/app/l', linkTarget: '/etc', ...plain, mtimeNs: 7n },
      { type: 'fifo', target: '/app/pipe', ...plain, mode: 0o600 },
      {
        type: 'file',
        target: '/app/h1',
        source: 'd/f',
        linkGroup: 3,
        ...plain,
        xattrs: { 'user.k': 'ff00' },
      },
      { type: 'file', target: '/app/h2', source: 'd/f', linkGroup: 3, ...plain },
    ];
    await rootfs.copy(source, entries);
    const found = new Map((await collect(rootfs)).map(entry => [entry.path, entry]));
    assert.deepEqual(
      [...found.values()].map(({ path, type, mode, linkTarget }) => [path, type, mode, linkTarget]),
      [
        ['/app', 'directory', 0o750, undefined],
        ['/app/f', 'file', 0o4755, undefined],
        ['/app/h1', 'file', 0o644, undefined],
        ['/app/h2', 'file', 0o644, undefined],
        ['/app/l', 'symlink', 0o777, '/etc'],
        ['/app/pipe', 'fifo', 0o600, undefined],
        ['/app/text', 'file', 0o644, undefined],
      ],
    );
    assert.equal(found.get('/app')?.mtimeNs, 1_000_000_001n);
    assert.equal(found.get('/app/f')?.mtimeNs, 5n);
    assert.equal(found.get('/app/l')?.mtimeNs, 7n);
    assert.equal(found.get('/app/text')?.size, 300_000);
    assert.ok(found.get('/app/h1')?.inode);
    assert.equal(found.get('/app/h1')?.inode, found.get('/app/h2')?.inode);
    assert.deepEqual(found.get('/app/h2')?.xattrs, { 'user.k': 'ff00' });
    assert.equal(await read(rootfs, '/app/f'), 'from the host');
  });

  test('copy takes names that are not UTF-8', async () => {
    const source = bench.path(`raw-${++number}`);
    await mkdir(source);
    await writeFile(Buffer.concat([Buffer.from(`${source}/a`), Buffer.of(0xff)]), 'raw');
    const { rootfs } = await writable();
    await rootfs.copy(source, [
      {
        type: 'file',
        target: '',
        rawTarget: Buffer.from('/t\xff', 'latin1'),
        rawSource: Buffer.of(0x61, 0xff),
        ...plain,
      },
    ]);
    const [entry] = await collect(rootfs);
    assert.deepEqual(entry?.rawPath, Uint8Array.of(0x2f, 0x74, 0xff));
    assert.equal(entry?.size, 3);
  });

  test('copy between two rootfs of a session keeps content', async () => {
    const from = await bench.session.mount({
      lowers: [
        await layer([
          { name: 'usr/bin/tool', content: 'tool' },
          { name: 'bin', type: '2', link: 'usr/bin' },
        ]),
      ],
    });
    const { rootfs } = await writable();
    await rootfs.copy(from, [{ type: 'file', target: '/tool', source: 'bin/tool', ...plain }]);
    assert.equal(await read(rootfs, '/tool'), 'tool');
    const other = await bench.open();
    const foreign = await other.mount({ lowers: [await layer([])] });
    await assert.rejects(rootfs.copy(foreign, [{ type: 'file', target: '/x', source: 'a', ...plain }]));
  });

  test('link swapped into a build context is not followed', async () => {
    const source = bench.path(`swapped-${++number}`);
    await mkdir(`${source}/d`, { recursive: true });
    await writeFile(`${source}/d/f`, 'inside');
    await writeFile(bench.path('secret'), 'secret');
    const { rootfs } = await writable();
    const copy = () => rootfs.copy(source, [{ type: 'file', target: '/f', source: 'd/f', ...plain }]);
    await copy();
    await rename(`${source}/d`, `${source}/e`);
    await mkdir(bench.path('elsewhere'));
    await writeFile(bench.path('elsewhere/f'), 'secret');
    await symlink(bench.path('elsewhere'), `${source}/d`);
    await assert.rejects(copy(), { detail: { step: 'open', path: 'd/f', errno: 'ESTALE' } });
    await assert.rejects(
      rootfs.copy(source, [{ type: 'file', target: '/f', source: '../secret', ...plain }]),
      { detail: { step: 'open', path: '../secret', errno: 'EXDEV' } },
    );
    assert.notEqual(await read(rootfs, '/f'), 'secret');
  });

  test('copy replaces files, merges directories and refuses to mix them', async () => {
    const { rootfs } = await writable([
      { name: 'dir/', type: '5', mode: 0o700 },
      { name: 'dir/kept', content: 'kept' },
      { name: 'file', content: 'old' },
      { name: 'link', type: '2', link: 'file' },
    ]);
    const content = Buffer.from('new');
    await rootfs.copy(undefined, [
      { type: 'directory', target: '/dir', ...plain, mode: 0o755 },
      { type: 'file', target: '/link', content, ...plain },
    ]);
    assert.equal((await rootfs.stat('/dir'))?.mode, 0o700);
    assert.equal(await read(rootfs, '/file'), 'old');
    assert.equal((await rootfs.stat('/link'))?.type, 'file');
    await rootfs.copy(undefined, [
      { type: 'directory', target: '/dir', ...plain, mode: 0o755, existing: 'update' },
    ]);
    assert.equal((await rootfs.stat('/dir'))?.mode, 0o755);
    assert.equal(await read(rootfs, '/dir/kept'), 'kept');
    await assert.rejects(rootfs.copy(undefined, [{ type: 'file', target: '/dir', content, ...plain }]), {
      code: 'conflict',
      detail: { step: 'copy', path: '/dir', errno: 'EISDIR' },
    });
    await assert.rejects(rootfs.copy(undefined, [{ type: 'directory', target: '/file', ...plain }]), {
      code: 'conflict',
      detail: { step: 'copy', path: '/file', errno: 'ENOTDIR' },
    });
    await assert.rejects(
      rootfs.copy(undefined, [{ type: 'file', target: '/no/parent', content, ...plain }]),
      {
        code: 'not-found',
      },
    );
    await assert.rejects(rootfs.copy(undefined, [{ type: 'file', target: '/..', content, ...plain }]));
  });

  test('parents of a target lead through links inside the rootfs only', async () => {
    const outside = await bench.directory(`outside-${++number}`);
    const { rootfs } = await writable([{ name: 'out', type: '2', link: outside }]);
    const entry: CopyEntry = { type: 'file', target: '/out/f', content: Buffer.from('x'), ...plain };
    await assert.rejects(rootfs.copy(undefined, [entry]), { code: 'not-found' });
    await rootfs.makeDirectory('/out', { mode: 0o755, uid: 0, gid: 0 });
    await rootfs.copy(undefined, [entry]);
    assert.equal(await read(rootfs, `${outside}/f`), 'x');
    assert.deepEqual(await collect(await bench.session.mount({ lowers: [outside] })), []);
  });

  test('extract gives archive names no meaning and keeps members in the directory', async () => {
    const { rootfs } = await writable([
      { name: 'opt/', type: '5' },
      { name: 'opt/.keep' },
      { name: 'secret', content: 's' },
    ]);
    const tar = tarOf([
      { name: '.wh.keep', content: 'just a name' },
      { name: '../up', content: 'x' },
      { name: 'l', type: '2', link: '/' },
      { name: 'l/through', content: 'x' },
    ]);
    await rootfs.extract('/opt', pieces(tar), {});
    assert.deepEqual(
      (await collect(rootfs)).map(({ path }) => path),
      ['/opt', '/opt/.keep', '/opt/.wh.keep', '/opt/l', '/opt/through', '/opt/up', '/secret'],
    );
    await assert.rejects(
      rootfs.extract('/opt', pieces(tarOf([{ name: 'x', type: '1', link: '../secret' }])), {}),
      { code: 'image-invalid' },
    );
    await assert.rejects(rootfs.extract('/none', pieces(tar), {}), { code: 'not-found' });
  });

  test('export and archive are tars that other programs read', async () => {
    const { rootfs } = await writable([
      { name: 'etc/a/f', content: 'abc' },
      { name: 'etc/l', type: '2', link: 'a' },
      { name: 'usr/', type: '5' },
    ]);
    const list = async (run: (sink: (chunk: Uint8Array) => void) => Promise<void>) => {
      const collector = new Collector();
      await run(collector.sink);
      const { stdout, stderr } = spawnSync('tar', ['-tf', '-'], { input: collector.bytes, encoding: 'utf8' });
      assert.equal(stderr, '');
      return stdout.trimEnd().split('\n');
    };
    assert.deepEqual(await list(sink => rootfs.exportTar(sink)), [
      'etc/',
      'etc/a/',
      'etc/a/f',
      'etc/l',
      'usr/',
    ]);
    assert.deepEqual(await list(sink => rootfs.archive('/etc/a', { sink })), ['a/', 'a/f']);
    assert.deepEqual(await list(sink => rootfs.archive('/etc/l', { sink })), ['l']);
    assert.deepEqual(await list(sink => rootfs.archive('/etc/l/f', { sink })), ['f']);
    assert.deepEqual(await list(sink => rootfs.archive('/etc/.', { sink })), ['a/', 'a/f', 'l']);
    await assert.rejects(rootfs.archive('/none', { sink: () => {} }), { code: 'not-found' });
  });

  test('changes are what docker diff says', async () => {
    const { layers, rootfs } = await writable([
      { name: 'etc/passwd', content: 'old' },
      { name: 'etc/gone' },
      { name: 'same/', type: '5' },
      { name: 'replaced/old' },
      { name: 'replaced/both' },
    ]);
    await rootfs.copy(undefined, [
      { type: 'file', target: '/etc/passwd', content: Buffer.from('new'), ...plain },
      { type: 'directory', target: '/new', ...plain, mode: 0o755 },
      { type: 'file', target: '/new/file', content: Buffer.from('x'), ...plain },
    ]);
    await rootfs.unmount();
    // What a container would have removed: told as a layer on top of the upper.
    await bench.session.applyLayer(
      layers.upper,
      pieces(tarOf([{ name: 'etc/.wh.gone' }, { name: 'replaced/.wh..wh..opq' }, { name: 'replaced/both' }])),
    );
    const changes = await bench.session.changes(layers);
    assert.deepEqual(
      changes.map(({ kind, path }) => `${kind} ${path}`),
      [
        'C /etc',
        'D /etc/gone',
        'C /etc/passwd',
        'A /new',
        'A /new/file',
        'C /replaced',
        'C /replaced/both',
        'D /replaced/old',
      ],
    );
  });

  test('rootfs without layers below is its upper directory', async () => {
    const upper = await bench.directory(`upper-${++number}`);
    const work = await bench.directory(`work-${number}`);
    const rootfs = await bench.session.mount({ lowers: [], upper, work });
    await rootfs.copy(undefined, [{ type: 'file', target: '/f', content: Buffer.from('x'), ...plain }]);
    assert.equal((await bench.session.diffLayer(upper)).entries, 1);
    assert.deepEqual(await bench.session.changes({ lowers: [], upper, work }), [{ kind: 'A', path: '/f' }]);
  });

  test('several rootfs are mounted at a time and a dropped one is unknown', async () => {
    const [first, second] = [await writable([{ name: 'a' }]), await writable([{ name: 'b' }])];
    assert.deepEqual(
      (await collect(second.rootfs)).map(({ path }) => path),
      ['/b'],
    );
    await first.rootfs.unmount();
    await assert.rejects(first.rootfs.stat('/a'), {
      detail: { step: 'request', path: 'mount', errno: 'EBADF' },
    });
    assert.deepEqual(
      (await collect(second.rootfs)).map(({ path }) => path),
      ['/b'],
    );
    // An upper can be mounted again at once: nothing holds it.
    await (await bench.session.mount(first.layers)).unmount();
  });

  test('rootfs of 150 layers is mounted', async () => {
    const lowers: string[] = [];
    for (let i = 0; i < 150; i++)
      lowers.unshift(await layer([{ name: 'which', content: String(i) }, { name: `f${i}` }]));
    const rootfs = await bench.session.mount({ lowers });
    assert.equal(await read(rootfs, '/which'), '149');
    assert.equal((await collect(rootfs)).length, 151);
  });
});
