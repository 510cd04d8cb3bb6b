import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { MountOption } from '../../server/engine/container/types.ts';
import { openEngine } from '../../server/engine/engine.ts';
import { dist } from './store-support.ts';
import { engineUnavailable, importBusybox, isRoot, openTestEngine, type TestEngine } from './support.ts';
import { pieces, type TarMember, tarOf } from './tar-support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

/** Opens an engine whose predecessor was killed; gives what it logged once its recovery has ended. */
async function complaintsOf(folders: { readonly root: string; readonly run: string }): Promise<string[]> {
  const complaints: string[] = [];
  await mkdir(join(folders.run, 'servers'), { recursive: true, mode: 0o700 });
  await writeFile(join(folders.run, 'servers', 'server.1.1-1-00000000'), '');
  const log = (level: string, message: string) => void (level === 'warn' && complaints.push(message));
  await (await openEngine({ ...folders, nativeDirectory: dist, log })).close();
  return complaints;
}

const wrongPlaces: readonly TarMember[] = [
  { name: 'proc', type: '2', link: 'tmp' },
  { name: 'dev', content: 'x' },
  { name: 'dev', type: '2', link: 'tmp' },
  { name: 'sys', content: 'x' },
];
for (const member of wrongPlaces) {
  const what = `${member.type === '2' ? 'a link' : 'a file'} at /${member.name}`;
  test(`an image with ${what} is told with what to do`, { skip }, async () => {
    const folders = ['bin/', 'tmp/'].map(name => ({ name, type: '5', mode: 0o755 }));
    const archive = tarOf([...folders, member]);
    const image = await bench.engine.images.import(pieces(archive), { tags: [] });
    const { id } = await bench.engine.containers.create({ image: image.id, command: ['x'], network: 'none' });
    await assert.rejects(bench.engine.containers.start(id), {
      code: 'start-failed',
      message: new RegExp(`a file or a link at /${member.name}, where a folder has to be`),
      hint: /empty folder/,
    });
    await bench.engine.containers.remove(id);
  });
}

test('a store whose snapshots are gone says so', { skip }, async () => {
  const snapshots = join(bench.root, 'snapshots');
  await rename(snapshots, `${snapshots}.away`);
  const gone = {
    code: 'store-corrupt',
    message: /snapshots is gone/,
    hint: /from a copy.*mkdir -m 700/,
  };
  const engine = await bench.reopen(); // the first may know a free number
  await assert.rejects(engine.containers.create({ image: 'busybox' }), gone);
  await rename(`${snapshots}.away`, snapshots);
  await engine.containers.remove((await engine.containers.create({ image: 'busybox' })).id);
});

test('a runtime folder with too long a path is one error, before anything else', { skip }, async () => {
  const run = join(bench.base, 'x'.repeat(81 - bench.base.length));
  const options = {
    root: bench.root,
    nativeDirectory: dist,
    log: () => assert.fail('a warning beside the error'),
  };
  await assert.rejects(openEngine({ ...options, run: `${run}x` }), {
    code: 'invalid-argument',
    message: /too long/,
    hint: /SAMPAN_RUN/,
  });
});

test('a container runs below the longest runtime folder that is accepted', { skip }, async () => {
  const run = join(bench.base, 'x'.repeat(79 - bench.base.length));
  assert.equal(run.length, 80);
  const engine = await openEngine({
    root: bench.root,
    run,
    nativeDirectory: dist,
    idleSeconds: 1,
    log: () => undefined,
  });
  const { id } = await engine.containers.create({ image: 'busybox', command: ['true'], network: 'none' });
  await engine.containers.start(id);
  assert.equal(await engine.containers.wait(id), 0);
  await engine.containers.remove(id);
  await engine.close();
  execFileSync(join(dist, 'sampan-init'), ['dismiss', run]);
});

test('a read-only store is complained of once by the recovery', {
  skip: skip || (!isRoot && 'only root can mount'),
}, async () => {
  const place = join(bench.base, 'readonly');
  await mkdir(place);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place]);
  try {
    const folders = { root: join(place, 'root'), run: join(bench.base, 'run-readonly') };
    const engine = await openEngine({
      ...folders,
      nativeDirectory: dist,
      idleSeconds: 1,
      log: () => undefined,
    });
    await importBusybox(engine);
    await engine.close();
    execFileSync('mount', ['-o', 'remount,ro', place]);
    const complaints = await complaintsOf(folders);
    assert.equal(complaints.length, 1, complaints.join('\n'));
    assert.match(complaints[0] ?? '', /^Cleaning up after another server failed: .*read-only/);
    execFileSync(join(dist, 'sampan-init'), ['dismiss', folders.run]);
  } finally {
    execFileSync('umount', ['-l', place]);
  }
});

const bind = (source: string): MountOption => ({
  type: 'bind',
  source,
  target: '/s',
  readOnly: false,
  options: [],
  createSource: false,
});

test('a bind of a folder that holds the state is allowed and warned of, also through a link', {
  skip,
}, async () => {
  const link = join(bench.base, 'link');
  await symlink(bench.base, link);
  for (const source of [bench.base, link, '/']) {
    const { id, warnings } = await bench.engine.containers.create({
      image: 'busybox',
      mounts: [bind(source)],
    });
    const warning = warnings.find(one => one.includes("Sampan's own files")) ?? '';
    assert.ok(warning.includes(bench.root) && warning.includes(bench.run), warning);
    await bench.engine.containers.remove(id);
  }
  const beside = await bench.engine.containers.create({ image: 'busybox', mounts: [bind('/usr')] });
  assert.ok(!beside.warnings.some(one => one.includes("Sampan's own files")));
  await bench.engine.containers.remove(beside.id);
});

test('a link into the state is refused where the state itself lies behind a link', { skip }, async () => {
  const [root, alias, inside] = ['linked-root', 'root-alias', 'inside'].map(name => join(bench.base, name));
  await mkdir(root as string, { mode: 0o700 });
  await symlink(root as string, alias as string);
  await symlink(join(root as string, 'volumes'), inside as string);
  const folders = { root: alias as string, run: join(bench.base, 'run-linked') };
  const engine = await openEngine({
    ...folders,
    nativeDirectory: dist,
    idleSeconds: 1,
    log: () => undefined,
  });
  await importBusybox(engine);
  await assert.rejects(engine.containers.create({ image: 'busybox', mounts: [bind(inside as string)] }), {
    message: /Sampan's own files/,
  });
  await engine.close();
  execFileSync(join(dist, 'sampan-init'), ['dismiss', folders.run]);
});

test('device nodes that cannot be made are told', {
  skip: skip || (isRoot && 'root can make them'),
}, async () => {
  const before = bench.complaints.length;
  const device = { name: 'dev-null', type: '3', major: 1, minor: 3 };
  await bench.engine.images.import(pieces(tarOf([device])), { tags: [] });
  assert.match(bench.complaints.slice(before).join('\n'), /1 device node\(s\) of the layer were left out/);
});
