import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import { parseChmod } from '../../server/engine/build/chmod.ts';
import { type CopyTarget, planCopy } from '../../server/engine/build/copyPlan.ts';
import {
  type SelectionRequest,
  SourceMissing,
  type SourceReader,
  selectSources,
} from '../../server/engine/build/sources.ts';
import { selectionDigest } from '../../server/engine/build/stepKeys.ts';
import { resolveInRoot } from '../../server/engine/runtime/resolve.ts';
import type { EntryInfo } from '../../server/engine/runtime/types.ts';

/** A tree by path: text is a file's content, `-> target` a link, a trailing slash a directory. */
type Tree = { readonly [path: string]: string | Partial<EntryInfo> };

function reader(tree: Tree): SourceReader {
  const entries = new Map<string, EntryInfo>();
  const add = (path: string, entry: Partial<EntryInfo>) => {
    if (path !== '/' && !entries.has(posix.dirname(path)))
      add(posix.dirname(path), { type: 'directory', mode: 0o755 });
    entries.set(path, { path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtimeNs: 7n, ...entry });
  };
  add('/', { type: 'directory', mode: 0o755 });
  for (const [name, value] of Object.entries(tree)) {
    const path = posix.join('/', name.replace(/\/$/, ''));
    if (name.endsWith('/')) add(path, { type: 'directory', mode: 0o755 });
    else if (typeof value !== 'string') add(path, value);
    else if (value.startsWith('-> ')) add(path, { type: 'symlink', mode: 0o777, linkTarget: value.slice(3) });
    else add(path, { size: value.length, sha256: value });
  }
  const sorted = () => [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    lstat: async path => entries.get(path),
    list: async path => sorted().filter(entry => entry.path !== '/' && posix.dirname(entry.path) === path),
    tree: async path =>
      sorted().filter(entry => entry.path !== path && entry.path.startsWith(path === '/' ? '/' : `${path}/`)),
    hash: async found => found,
  };
}

const select = (tree: Tree, sources: readonly string[], more: Partial<SelectionRequest> = {}) =>
  selectSources(reader(tree), { sources, exclude: [], parents: false, ...more });

/** What a COPY would write, as `type path mode uid:gid`. */
async function planned(
  tree: Tree,
  sources: readonly string[],
  { target = {}, ...more }: Partial<SelectionRequest> & { readonly target?: Partial<CopyTarget> } = {},
): Promise<readonly string[]> {
  const entries = planCopy(await select(tree, sources, more), {
    path: '/dst',
    asDirectory: false,
    existing: undefined,
    owner: undefined,
    chmod: undefined,
    parents: false,
    ...target,
  });
  return entries.map(entry => {
    const kept = entry.mtimeNs === undefined ? ' keep' : ' keep dated';
    const note = entry.existing === 'keep' ? kept : entry.linkGroup ? ` group ${entry.linkGroup}` : '';
    return `${entry.type} ${entry.target} ${entry.mode.toString(8)} ${entry.uid}:${entry.gid}${note}`;
  });
}

describe('selectSources', () => {
  const tree = {
    'a.txt': 'a',
    'b.txt': 'b',
    'd/one': '1',
    'd/sub/two': '2',
    link: '-> d',
    up: '-> ../../a.txt',
  };
  const found = async (...sources: string[]) => {
    const selected = await select(tree, sources);
    return selected.map(({ base, top, members }) => [
      base,
      top.path,
      ...members.map(member => member.relative),
    ]);
  };

  it('cleans names to the root and follows a link that is named directly', async () => {
    assert.deepEqual(await found('../../a.txt', './d/../b.txt'), [
      ['a.txt', '/a.txt'],
      ['b.txt', '/b.txt'],
    ]);
    assert.deepEqual(await found('link', 'up'), [
      ['link', '/d', 'one', 'sub', 'sub/two'],
      ['up', '/a.txt'],
    ]);
  });

  it('matches patterns per component, without links in the middle, and takes no match for nothing', async () => {
    assert.deepEqual(await found('*.txt', 'd*/o*', '*/sub', 'l*/one', 'none*'), [
      ['a.txt', '/a.txt'],
      ['b.txt', '/b.txt'],
      ['one', '/d/one'],
      ['sub', '/d/sub', 'two'],
    ]);
  });

  it('refuses a name that is not there', async () => {
    await assert.rejects(select(tree, ['a.txt', 'nowhere']), SourceMissing);
    await assert.rejects(select({ dangling: '-> gone' }, ['dangling']), SourceMissing);
    await assert.rejects(select({ a: '-> b', b: '-> a' }, ['a']), SourceMissing);
  });

  it('excludes below a source, keeps exceptions with their folders, and not what is named itself', async () => {
    const selected = await select(tree, ['d', 'a.txt'], { exclude: ['sub', '!sub/two', 'one', 'a.txt'] });
    assert.deepEqual(
      selected.map(({ base, members }) => [base, ...members.map(member => member.relative)]),
      [['d', 'sub', 'sub/two'], ['a.txt']],
    );
  });

  it('keeps the folders of --parents, from the pivot on', async () => {
    const members = async (source: string) =>
      (await select(tree, [source], { parents: true })).flatMap(one =>
        one.members.map(member => member.relative),
      );
    assert.deepEqual(await members('d/sub/two'), ['d', 'd/sub', 'd/sub/two']);
    assert.deepEqual(await members('d/./sub/two'), ['sub', 'sub/two']);
    assert.deepEqual(await members('**/two'), ['d', 'd/sub', 'd/sub/two']);
    await assert.rejects(members('d/none'), SourceMissing);
  });
});

describe('resolveInRoot', () => {
  const resolve = (tree: Tree, path: string) =>
    resolveInRoot(reader(tree).lstat, path).then(found => found.path);

  it('never leaves the root', async () => {
    const tree = { 'a/up': '-> ../../../../b', 'b/f': '', abs: '-> /b', loop: '-> loop' };
    assert.equal(await resolve(tree, '/a/up/f'), '/b/f');
    assert.equal(await resolve(tree, '/abs/../../x'), '/x');
    assert.equal(await resolve(tree, '/loop'), '/loop');
  });

  it('follows dangling links to where they point', async () => {
    assert.equal(await resolve({ 'etc/l': '-> ../var/new' }, '/etc/l/deep'), '/var/new/deep');
  });
});

describe('planCopy', () => {
  const tree = {
    f: 'f',
    'd/g': 'g',
    'd/e/': '',
    'd/e/h': { type: 'file', mode: 0o4755, uid: 5, gid: 6 },
  } as const;

  it('puts a file at the destination, or into it when that is a directory', async () => {
    assert.deepEqual(await planned(tree, ['f']), ['file /dst 644 0:0']);
    const into = ['directory /dst 755 0:0 keep', 'file /dst/f 644 0:0'];
    assert.deepEqual(await planned(tree, ['f'], { target: { asDirectory: true } }), into);
    assert.deepEqual(await planned(tree, ['f'], { target: { existing: 'directory' } }), into);
  });

  it('puts the contents of a directory into the destination; nested ones keep what they are', async () => {
    assert.deepEqual(await planned(tree, ['d'], { target: { path: '/a/b' } }), [
      'directory /a 755 0:0 keep',
      'directory /a/b 755 0:0 keep',
      'directory /a/b/e 755 0:0',
      'file /a/b/e/h 4755 5:6',
      'file /a/b/g 644 0:0',
      'directory /a/b 755 0:0 keep dated',
    ]);
  });

  it('lets the last of several files win, and goes into what the first one made', async () => {
    assert.deepEqual(await planned(tree, ['f', 'd/g']), ['file /dst 644 0:0', 'file /dst 644 0:0']);
    assert.deepEqual(await planned(tree, ['d', 'f']), [
      'directory /dst 755 0:0 keep',
      'directory /dst/e 755 0:0',
      'file /dst/e/h 4755 5:6',
      'file /dst/g 644 0:0',
      'directory /dst 755 0:0 keep dated',
      'file /dst/f 644 0:0',
    ]);
  });

  it('dates the destination as the directory that fills it, but not the root and not for --parents', async () => {
    const isDated = async (target: Partial<CopyTarget>) =>
      (await planned(tree, ['d'], { target })).some(one => one.endsWith('dated'));
    assert.equal(await isDated({ existing: 'directory' }), true);
    assert.equal(await isDated({ path: '/', existing: 'directory' }), false);
    assert.equal(await isDated({ parents: true }), false);
  });

  it('gives owner and mode to all that is made, the parents their owner', async () => {
    const target = { path: '/x/dst', owner: { uid: 7, gid: 8 }, chmod: parseChmod('600') };
    assert.deepEqual(await planned(tree, ['f'], { target }), [
      'directory /x 755 7:8 keep',
      'file /x/dst 600 7:8',
    ]);
  });

  it('keeps hard links within one source only', async () => {
    const links = { 'd/a': { inode: '1:9' }, 'd/b': { inode: '1:9' }, 'd/c': { inode: '1:4' } } as const;
    assert.deepEqual((await planned(links, ['d'])).slice(1), [
      'file /dst/a 644 0:0 group 1',
      'file /dst/b 644 0:0 group 1',
      'file /dst/c 644 0:0',
      'directory /dst 755 0:0 keep dated',
    ]);
    assert.ok(
      (await planned(links, ['d/a', 'd/b'], { target: { asDirectory: true } })).every(
        one => !one.includes('group'),
      ),
    );
  });

  it('makes sockets empty files and copies devices', async () => {
    const special = {
      'd/s': { type: 'socket' },
      'd/n': { type: 'char', deviceMajor: 1, deviceMinor: 3 },
    } as const;
    assert.deepEqual((await planned(special, ['d'])).slice(1), [
      'char /dst/n 644 0:0',
      'file /dst/s 644 0:0',
      'directory /dst 755 0:0 keep dated',
    ]);
  });

  it('refuses names that would delete files of other layers', async () => {
    await assert.rejects(planned({ 'd/.wh.x': '' }, ['d']), /\.wh\./);
  });
});

describe('selectionDigest', () => {
  const digest = async (tree: Tree, source = 'd') => selectionDigest(await select(tree, [source]));

  it('knows content, names, modes, owners, links and hard links, but no times', async () => {
    const same = await digest({ 'd/f': { sha256: 'x', mtimeNs: 1n } });
    assert.equal(await digest({ 'd/f': { sha256: 'x', mtimeNs: 2n } }), same);
    const others: Tree[] = [
      { 'd/f': { sha256: 'y' } },
      { 'd/g': { sha256: 'x' } },
      { 'd/f': { sha256: 'x', mode: 0o755 } },
      { 'd/f': { sha256: 'x', uid: 1 } },
      { 'd/f': { sha256: 'x', gid: 1 } },
      { 'd/f': '-> x' },
      { 'd/f': { sha256: 'x' }, 'd/e/': '' },
    ];
    const digests = await Promise.all(others.map(tree => digest(tree)));
    assert.equal(new Set([same, ...digests]).size, others.length + 1);
    const apart = await digest({ 'd/a': { inode: '1' }, 'd/b': { inode: '2' } });
    assert.notEqual(await digest({ 'd/a': { inode: '1' }, 'd/b': { inode: '1' } }), apart);
    assert.equal(await digest({ 'd/a': { inode: '8' }, 'd/b': { inode: '9' } }), apart);
  });

  it('does not look at the mode of a directory whose contents are copied', async () => {
    const withMode = (mode: number): Tree => ({ d: { type: 'directory', mode }, 'd/f': 'x' });
    assert.equal(await digest(withMode(0o700)), await digest(withMode(0o755)));
  });
});
