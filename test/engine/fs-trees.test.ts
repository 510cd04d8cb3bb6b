import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Collector, collect, type FsBench, openFsBench } from './fs-support.ts';
import { pieces, type TarMember, tarOf } from './tar-support.ts';

const isRoot = process.getuid?.() === 0;

describe('trees', () => {
  let bench: FsBench;
  let number = 0;
  before(async () => {
    bench = await openFsBench();
  });
  after(() => bench.close());

  async function unpacked(members: readonly TarMember[]): Promise<string> {
    const directory = await bench.directory(`tree-${++number}`);
    await bench.session.applyLayer(directory, pieces(tarOf(members), 65536));
    return directory;
  }

  const list = async (directory: string) => collect(await bench.session.mount({ lowers: [directory] }));

  test('removing does not follow links and takes missing trees', async () => {
    const kept = await unpacked([{ name: 'precious' }]);
    const tree = await unpacked([{ name: 'a/b/c' }]);
    await symlink(kept, join(tree, 'a/link'));
    await symlink(kept, bench.path('link-to-tree'));
    await bench.session.removeTree([tree, bench.path('link-to-tree'), bench.path('missing/tree')]);
    assert.deepEqual(
      (await list(kept)).map(({ path }) => path),
      ['/precious'],
    );
    await assert.rejects(bench.session.applyLayer(tree, pieces(tarOf([]))), { code: 'not-found' });
    await assert.rejects(bench.session.removeTree(['/']), {
      detail: { step: 'remove', path: '/', errno: 'EINVAL' },
    });
  });

  test('tree that is deeper than any path is removed', async () => {
    // 3,000 levels: far more than a path may be long and than this walk keeps descriptors.
    const tree = await bench.directory(`deep-${++number}`);
    const program = `process.chdir(${JSON.stringify(tree)});
      for (let i = 0; i < 3000; i++) { fs.mkdirSync('directory'); process.chdir('directory'); }
      fs.writeFileSync('bottom', '');`;
    const made = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    await bench.session.removeTree([tree]);
    assert.equal(await bench.session.measure([tree]), 0);
  });

  test('measure counts hard links once and directories not at all', async () => {
    const tree = await unpacked([
      { name: 'd/a', content: 'x'.repeat(1000) },
      { name: 'd/b', type: '1', link: 'd/a' },
      { name: 'c', content: 'y' },
    ]);
    assert.equal(await bench.session.measure([tree, bench.path('missing')]), 1001);
  });

  test('copied tree has the same diffID', async () => {
    const tree = await unpacked([
      { name: './', type: '5', mode: 0o1777 },
      { name: 'd/', type: '5', mode: 0o2755 },
      { name: 'd/f', content: 'x'.repeat(200_000), mode: 0o4755, pax: { 'SCHILY.xattr.user.k': 'v' } },
      { name: 'd/g', type: '1', link: 'd/f' },
      { name: 'l', type: '2', link: 'd' },
      { name: 'pipe', type: '6' },
      { name: '.wh.gone' },
      { name: 'o/.wh..wh..opq' },
    ]);
    const target = bench.path(`copy-${++number}`);
    await bench.session.copyTree(tree, target);
    assert.deepEqual(await bench.session.diffLayer(target), await bench.session.diffLayer(tree));
    const rootfs = await bench.session.mount({ lowers: [target] });
    assert.equal((await rootfs.stat('/'))?.mode, 0o1777);
  });

  test('directory of a rootfs is copied out with its attributes', async () => {
    const rootfs = await bench.session.mount({
      lowers: [
        await unpacked([
          { name: 'data/', type: '5', mode: 0o750 },
          { name: 'data/f', content: 'x' },
          { name: 'l', type: '2', link: 'data' },
          { name: 'file' },
        ]),
      ],
    });
    const volume = await bench.directory(`volume-${++number}`);
    assert.equal(await rootfs.copyOut('/l', volume), true);
    assert.equal(await rootfs.copyOut('/file', volume), false);
    assert.equal(await rootfs.copyOut('/none', volume), false);
    const copied = await bench.session.mount({ lowers: [volume] });
    assert.equal((await copied.stat('/'))?.mode, 0o750);
    assert.deepEqual(
      (await collect(copied)).map(({ path }) => path),
      ['/f'],
    );
  });

  test('holes of sparse files stay holes, unpacked from GNU archives and copied', async t => {
    const folder = await mkdtemp(join(tmpdir(), 'sampan-sparse-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = await open(join(folder, 'sparse'), 'w');
    await file.write('start', 0);
    await file.write('middle', 5_000_000);
    await file.truncate(20_000_000);
    await file.close();
    const archives = [
      ['--format=gnu'],
      ['--format=pax', '--sparse-version=0.0'],
      ['--format=pax', '--sparse-version=0.1'],
      ['--format=pax', '--sparse-version=1.0'],
    ];
    for (const options of archives) {
      const archive = join(folder, 'sparse.tar');
      const made = spawnSync('tar', ['-C', folder, '-S', ...options, '-cf', archive, 'sparse'], {
        encoding: 'utf8',
      });
      assert.equal(made.status, 0, made.stderr);
      const directory = await bench.directory(`sparse-${++number}`);
      const info = await bench.session.applyLayer(directory, createReadStream(archive));
      assert.equal(info.contentSize, 20_000_000, String(options));
      const target = bench.path(`sparse-copy-${number}`);
      await bench.session.copyTree(directory, target);
      for (const tree of [directory, target]) {
        const rootfs = await bench.session.mount({ lowers: [tree] });
        const content = Buffer.from((await rootfs.readFile('/sparse', 20_000_000)) ?? []);
        assert.equal(content.length, 20_000_000);
        assert.equal(content.toString('latin1', 0, 6), 'start\0');
        assert.equal(content.toString('latin1', 5_000_000, 5_000_007), 'middle\0');
        assert.ok(usedKib(tree) < 1000, `${options}: ${usedKib(tree)} KiB in ${tree}`);
      }
    }
  });

  test('devices are made by root and left out with a warning without', async () => {
    const directory = await bench.directory(`devices-${++number}`);
    const tar = tarOf([{ name: 'null', type: '3', major: 1, minor: 3, mode: 0o666 }, { name: 'after' }]);
    const info = await bench.session.applyLayer(directory, pieces(tar));
    const paths = (await list(directory)).map(({ path, deviceMajor, deviceMinor }) => [
      path,
      deviceMajor,
      deviceMinor,
    ]);
    if (isRoot) {
      assert.deepEqual(paths, [
        ['/after', undefined, undefined],
        ['/null', 1, 3],
      ]);
      assert.equal(info.warnings, undefined);
    } else {
      assert.deepEqual(paths, [['/after', undefined, undefined]]);
      assert.match(info.warnings?.join() ?? '', /1 device node/);
    }
  });

  test('owners are kept, and one that is not mapped is named', async () => {
    const tree = await unpacked([
      { name: 'd/', type: '5', uid: 1000, gid: 2000 },
      { name: 'd/f', uid: 33, gid: 44 },
    ]);
    const owners = (await list(tree)).map(({ uid, gid }) => [uid, gid]);
    // Where only one id exists, everything is its.
    const single = owners[0]?.[0] === 0;
    assert.deepEqual(
      owners,
      single
        ? [
            [0, 0],
            [0, 0],
          ]
        : [
            [1000, 2000],
            [33, 44],
          ],
    );
    const beyond = tarOf([{ name: 'f', pax: { uid: '3000000000' } }]);
    const directory = await bench.directory(`beyond-${++number}`);
    const applied = bench.session.applyLayer(directory, pieces(beyond));
    if (isRoot || single) await applied;
    else
      await assert.rejects(applied, {
        code: 'unsupported',
        message: /owner 3000000000:0 is not mapped/,
        hint: /subuid/,
        detail: { step: 'chown', path: 'f', errno: 'EINVAL' },
      });
  });

  test('forged overlay attributes of a layer are not set', async () => {
    const tree = await unpacked([
      {
        name: 'd/',
        type: '5',
        pax: {
          'SCHILY.xattr.user.overlay.opaque': 'y',
          'SCHILY.xattr.trusted.overlay.opaque': 'y',
          'SCHILY.xattr.trusted.overlay.redirect': '/x',
        },
      },
    ]);
    const lower = await unpacked([{ name: 'd/visible' }]);
    const rootfs = await bench.session.mount({ lowers: [tree, lower] });
    assert.deepEqual(
      (await collect(rootfs)).map(({ path }) => path),
      ['/d', '/d/visible'],
    );
  });

  test('capability of a file survives packing and unpacking', async () => {
    // cap_net_bind_service+ep, VFS_CAP_REVISION_2 (linux/capability.h).
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    const tree = await unpacked([
      {
        name: 'f',
        content: 'x',
        uid: 0,
        mode: 0o755,
        pax: { 'SCHILY.xattr.security.capability': capability },
      },
    ]);
    const [file] = await list(tree);
    assert.deepEqual(file?.xattrs, { 'security.capability': capability.toString('hex') });
    const packed = new Collector();
    await bench.session.diffLayer(tree, packed);
    const again = await bench.directory(`capability-${++number}`);
    await bench.session.applyLayer(again, pieces(packed.bytes));
    assert.deepEqual((await list(again))[0]?.xattrs, file?.xattrs);
  });

  test('ten thousand files are unpacked, listed, packed and removed', async () => {
    const members: TarMember[] = [];
    for (let i = 0; i < 10_000; i++) members.push({ name: `d${i % 100}/f${i}`, content: String(i) });
    const tree = await unpacked(members);
    assert.equal((await list(tree)).length, 10_100);
    assert.equal((await bench.session.diffLayer(tree)).entries, 10_100);
    await bench.session.removeTree([tree]);
  });

  test('host context of ten thousand files is copied', async () => {
    const source = bench.path(`context-${++number}`);
    const entries = [];
    for (let d = 0; d < 100; d++) {
      await mkdir(join(source, `d${d}`), { recursive: true });
      entries.push({ type: 'directory', target: `/d${d}`, uid: 0, gid: 0, mode: 0o755 } as const);
      const files = Array.from({ length: 100 }, (_, i) => `d${d}/f${i}`);
      await Promise.all(files.map(name => writeFile(join(source, name), name)));
      entries.push(
        ...files.map(
          name => ({ type: 'file', source: name, target: `/${name}`, uid: 0, gid: 0, mode: 0o644 }) as const,
        ),
      );
    }
    const rootfs = await bench.session.mount({
      lowers: [],
      upper: await bench.directory(`target-${number}`),
      work: await bench.directory(`work-${number}`),
    });
    await rootfs.copy(source, entries);
    const found = await collect(rootfs);
    assert.equal(found.length, 10_100);
    assert.equal(Buffer.from((await rootfs.readFile('/d99/f99', 100)) ?? []).toString(), 'd99/f99');
  });
});

function usedKib(path: string): number {
  const { stdout } = spawnSync('du', ['-sk', path], { encoding: 'utf8' });
  return Number.parseInt(stdout, 10);
}
