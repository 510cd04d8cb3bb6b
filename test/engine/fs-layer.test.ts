import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Collector, collect, type FsBench, openFsBench } from './fs-support.ts';
import { pieces, type TarMember, tarOf } from './tar-support.ts';

const digest = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('layers', () => {
  let bench: FsBench;
  let number = 0;
  before(async () => {
    bench = await openFsBench();
  });
  after(() => bench.close());

  /** Unpack an archive into a fresh directory. */
  async function apply(archive: Buffer | readonly TarMember[]) {
    const directory = await bench.directory(`layer-${++number}`);
    const tar = Buffer.isBuffer(archive) ? archive : tarOf(archive as readonly TarMember[]);
    return { directory, tar, info: await bench.session.applyLayer(directory, pieces(tar)) };
  }

  async function view(directory: string) {
    const rootfs = await bench.session.mount({ lowers: [directory] });
    const entries = await collect(rootfs);
    return { rootfs, entries, paths: entries.map(entry => entry.path) };
  }

  test('diffID is the hash of the whole stream, what follows the end included', async () => {
    const tar = Buffer.concat([
      tarOf([{ name: 'a', content: 'hello' }]),
      Buffer.alloc(8192),
      Buffer.from('tail'),
    ]);
    const { info } = await apply(tar);
    assert.deepEqual(info, { diffId: digest(tar), tarSize: tar.length, contentSize: 5, entries: 1 });
  });

  test('empty archive and empty stream are empty layers', async () => {
    assert.deepEqual((await apply([])).info.entries, 0);
    assert.deepEqual((await apply(Buffer.alloc(0))).info, {
      diffId: digest(Buffer.alloc(0)),
      tarSize: 0,
      contentSize: 0,
      entries: 0,
    });
  });

  test('files, directories, links and fifos come with mode, time and content', async () => {
    const { directory } = await apply([
      { name: './', type: '5', mode: 0o1777, mtime: 1_000_000_000 },
      { name: './bin/', type: '5', mode: 0o2750, mtime: 1_111_111_111 },
      { name: './bin/su', content: 'set-id', mode: 0o4755, mtime: 1_222_222_222 },
      { name: './bin/link', type: '2', link: 'su', mtime: 1_333_333_333 },
      { name: './bin/hard', type: '1', link: './bin/su' },
      { name: './pipe', type: '6', mode: 0o600 },
      { name: 'deep/er/file', content: 'x' },
    ]);
    const { rootfs, entries } = await view(directory);
    const facts = entries.map(({ path, type, mode, mtimeNs, linkTarget }) => [
      path,
      type,
      mode,
      path.startsWith('/deep') ? 0n : mtimeNs / 1_000_000_000n,
      linkTarget,
    ]);
    assert.deepEqual(facts, [
      ['/bin', 'directory', 0o2750, 1_111_111_111n, undefined],
      ['/bin/hard', 'file', 0o4755, 1_222_222_222n, undefined],
      ['/bin/link', 'symlink', 0o777, 1_333_333_333n, 'su'],
      ['/bin/su', 'file', 0o4755, 1_222_222_222n, undefined],
      ['/deep', 'directory', 0o755, 0n, undefined],
      ['/deep/er', 'directory', 0o755, 0n, undefined],
      ['/deep/er/file', 'file', 0o644, 0n, undefined],
      ['/pipe', 'fifo', 0o600, 1_600_000_000n, undefined],
    ]);
    assert.equal((await rootfs.stat('/'))?.mode, 0o1777);
    assert.equal(entries[1]?.inode, entries[3]?.inode);
    assert.equal(Buffer.from((await rootfs.readFile('/bin/link', 100)) ?? []).toString(), 'set-id');
  });

  test('layer that says nothing about its root leaves the mode of the directory', async () => {
    const directory = bench.path('private');
    await bench.session.makeDirectory(directory, 0o1700);
    await bench.session.applyLayer(directory, pieces(tarOf([{ name: 'a' }])));
    assert.equal((await (await view(directory)).rootfs.stat('/'))?.mode, 0o1700);
  });

  test('later member replaces an earlier one of the same name', async () => {
    const { directory } = await apply([
      { name: 'a', content: 'first' },
      { name: 'a', content: 'second' },
      { name: 'd/inner', content: 'x' },
      { name: 'd', content: 'no directory any more' },
      { name: 'f' },
      { name: 'f/', type: '5' },
    ]);
    const { rootfs, paths } = await view(directory);
    assert.deepEqual(paths, ['/a', '/d', '/f']);
    assert.equal(Buffer.from((await rootfs.readFile('/a', 100)) ?? []).toString(), 'second');
  });

  test('whiteouts hide lower files and never those of their own layer', async () => {
    const lower = await apply([
      { name: 'gone' },
      { name: 'kept' },
      { name: 'dir/old' },
      { name: 'other/old' },
      { name: 'opaque/old' },
      { name: 'replaced/old' },
    ]);
    const upper = await apply([
      { name: '.wh.gone' },
      { name: 'opaque/.wh..wh..opq' },
      { name: 'opaque/new' },
      { name: '.wh.dir' },
      { name: 'dir/new' },
      { name: 'other/new' },
      { name: '.wh.other' },
      { name: '.wh.replaced' },
      { name: 'replaced/', type: '5' },
      { name: '.wh..wh.plnk/', type: '5' },
    ]);
    const rootfs = await bench.session.mount({ lowers: [upper.directory, lower.directory] });
    assert.deepEqual(
      (await collect(rootfs)).map(({ path }) => path),
      ['/dir', '/dir/new', '/kept', '/opaque', '/opaque/new', '/other', '/other/new', '/replaced'],
    );
  });

  test('members stay inside: parent paths, absolute names, links on the way and hard links out', async () => {
    const outside = await bench.directory('outside');
    const { directory } = await apply([
      { name: '../escape-1', content: 'x' },
      { name: '/escape-2', content: 'x' },
      { name: 'a/../../escape-3', content: 'x' },
      { name: 'out', type: '2', link: outside },
      { name: 'out/escape-4', content: 'x' },
      { name: 'up', type: '2', link: '../../../../..' },
      { name: 'up/escape-5', content: 'x' },
      { name: 'loop', type: '2', link: 'loop' },
    ]);
    const { paths } = await view(directory);
    for (const name of ['/escape-1', '/escape-2', '/escape-3', `${outside}/escape-4`, '/escape-5'])
      assert.ok(paths.includes(name), `${name} in ${paths}`);
    const host = await bench.session.mount({ lowers: [outside] });
    assert.deepEqual(await collect(host), []);
    await assert.rejects(apply([{ name: 'passwd', type: '1', link: '../../../../../../../etc/passwd' }]), {
      code: 'image-invalid',
      detail: { step: 'link', path: 'passwd', errno: 'EBADMSG' },
    });
    await assert.rejects(apply([{ name: 'loop', type: '2', link: 'loop' }, { name: 'loop/x' }]), {
      detail: { step: 'mkdir', path: 'loop/x', errno: 'ELOOP' },
    });
  });

  test('damaged archives are refused with the member and the reason', async () => {
    const good = tarOf([{ name: 'first', content: 'x'.repeat(2000) }]);
    const broken = Buffer.from(good);
    broken[0] = 0x7a;
    const cases: [Buffer, RegExp][] = [
      [Buffer.from('x'.repeat(512)), /checksum is wrong/],
      [broken, /checksum is wrong/],
      [good.subarray(0, 600), /ends in the middle/],
      [good.subarray(0, 100), /ends in the middle/],
      [tarOf([{ name: 'a', type: 'x', content: 'nonsense' }]), /extended header is malformed/],
      [tarOf([{ name: 'a', type: 'x', content: '99999999999 path=x\n' }]), /extended header is malformed/],
      [tarOf([{ name: 'a', pax: { path: 'nul\0byte' } }]), /extended header is malformed/],
      [tarOf([{ name: 'a', pax: { size: '99999999999999999999999' } }]), /extended header is malformed/],
      [tarOf([{ name: 'a', type: 'x', size: 0o77777777777 }]), /too large/],
      [tarOf([{ name: 'a', type: 'Z' }]), /cannot be unpacked/],
      [tarOf([{ name: 'd/.wh.' }]), /whiteout names nothing/],
      [tarOf([{ name: 'd/.wh...' }]), /whiteout names nothing/],
      [
        tarOf([{ name: 'a', content: 'abc', pax: { 'GNU.sparse.map': '0,2', 'GNU.sparse.realsize': '9' } }]),
        /sparse map/,
      ],
      [
        tarOf([{ name: 'a', content: 'abc', pax: { 'GNU.sparse.map': '8,3', 'GNU.sparse.realsize': '9' } }]),
        /sparse map/,
      ],
    ];
    for (const [tar, reason] of cases)
      await assert.rejects(apply(tar), (error: Error & { code?: string }) => {
        assert.match(error.message, reason);
        assert.equal(error.code, 'image-invalid');
        return true;
      });
    // The session is as good as before.
    assert.equal((await apply([{ name: 'a' }])).info.entries, 1);
  });

  test('archive without end blocks is accepted as other engines do', async () => {
    const { info } = await apply(tarOf([{ name: 'a', content: 'x' }], { end: false }));
    assert.equal(info.entries, 1);
  });

  test('input that fails hands its own error on and leaves the session usable', async () => {
    const directory = await bench.directory('failing');
    async function* failing() {
      yield tarOf([{ name: 'a', content: 'x' }], { end: false });
      throw new Error('the download broke');
    }
    await assert.rejects(bench.session.applyLayer(directory, failing()), /the download broke/);
    await bench.session.removeTree([directory]);
  });

  test('sink that fails hands its own error on and leaves the session usable', async () => {
    const { directory } = await apply([{ name: 'a', content: Buffer.alloc(3_000_000) }]);
    const sink = () => Promise.reject(new Error('the disk is gone'));
    await assert.rejects(bench.session.diffLayer(directory, { sink }), /the disk is gone/);
    assert.equal((await bench.session.diffLayer(directory)).entries, 1);
  });

  test('packing what was unpacked gives a diffID that stays', async () => {
    const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(200)}`;
    const { directory } = await apply([
      { name: 'b/', type: '5', mode: 0o700 },
      { name: 'b/2', content: 'x'.repeat(300_000), mtime: 0 },
      { name: 'b/10', type: '1', link: 'b/2' },
      { name: 'a b\nc', content: 'newline' },
      { name: Buffer.from([0x6e, 0xff, 0xfe]), content: 'not UTF-8' },
      { name: 'ü', content: 'UTF-8', pax: { path: 'ü' } },
      { name: 'x', pax: { path: long, mtime: '1234567890.987654321' } },
      { name: 'old', pax: { mtime: '-86400.5' } },
      { name: 'l', type: '2', pax: { linkpath: 't'.repeat(300) } },
      { name: 'pipe', type: '6' },
      { name: 'x/', type: '5', pax: { 'SCHILY.xattr.user.note': Buffer.from([0, 1, 0xff]) } },
      { name: '.wh.gone' },
      { name: 'opaque/.wh..wh..opq' },
    ]);
    const first = new Collector();
    const once = await bench.session.diffLayer(directory, first);
    assert.equal(once.diffId, digest(first.bytes));
    assert.equal(once.tarSize, first.bytes.length);
    const again = await apply(first.bytes);
    assert.equal(again.info.diffId, once.diffId);
    const twice = new Collector();
    assert.deepEqual(await bench.session.diffLayer(again.directory, twice), once);
    assert.ok(first.bytes.equals(twice.bytes));
    assert.deepEqual(await bench.session.diffLayer(again.directory), once);
  });

  test('GNU tar and Python list what is packed, names, links and whiteouts included', async t => {
    const { directory } = await apply([
      { name: 'dir/.wh..wh..opq' },
      { name: 'dir/f', content: 'abc' },
      { name: 'dir/g', type: '1', link: 'dir/f' },
      { name: 'x', pax: { path: `${'p'.repeat(120)}/${'q'.repeat(90)}` } },
      { name: 'é', content: 'x' },
      { name: '.wh.gone' },
    ]);
    const packed = new Collector();
    await bench.session.diffLayer(directory, packed);
    const expected = [
      'dir/',
      'dir/.wh..wh..opq',
      'dir/f',
      'dir/g',
      '.wh.gone',
      `${'p'.repeat(120)}/`,
      `${'p'.repeat(120)}/${'q'.repeat(90)}`,
      'é',
    ];
    const gnu = spawnSync('tar', ['--quoting-style=literal', '-tf', '-'], { input: packed.bytes });
    assert.equal(gnu.stderr.toString(), '');
    assert.deepEqual(gnu.stdout.toString().trimEnd().split('\n'), expected);
    const script =
      'import tarfile,sys\nfor m in tarfile.open(fileobj=sys.stdin.buffer,mode="r|"): print(m.name+("/" if m.isdir() else ""))';
    const python = spawnSync('python3', ['-c', script], { input: packed.bytes });
    if (python.error) return t.skip('no python3 here');
    assert.deepEqual(python.stdout.toString().trimEnd().split('\n'), expected);
  });
});
