import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import type { FileLock } from '../native.ts';
import type { FsSession, MountSpec } from '../runtime/types.ts';
import { touchRecord } from '../store/records.ts';
import type { BuildRun } from './buildContext.ts';
import { useLock } from './cacheEntries.ts';
import { type BindSource, bindLayer, bindName } from './materialize.ts';
import type { ExecNode, PlannedMount } from './planTypes.ts';
import { scriptDirectory } from './runCommand.ts';
import { openSshMount } from './ssh/mount.ts';
import { workspaceKey, workspaceOf } from './workspace.ts';

/** The mounts of a RUN, ready to be handed to the monitor. */
export interface RunMounts {
  readonly specs: readonly MountSpec[];
  /** Variables that mounts bring. */
  readonly env: readonly string[];
  /** Give back locks and throw away what was only for this step. */
  release(): Promise<void>;
}

export interface RunMountsOptions {
  readonly node: ExecNode;
  readonly sources: readonly (BindSource | undefined)[];
  /** Folder of the step, for files that may lie on the disk. */
  readonly directory: string;
  readonly runDirectory: string;
  readonly session: FsSession;
}

/** Prepare the folders behind the mounts of a RUN. */
export async function prepareMounts(run: BuildRun, options: RunMountsOptions): Promise<RunMounts> {
  const undo: (() => Promise<void> | void)[] = [];
  const release = async () => {
    for (const one of undo.reverse()) await one();
  };
  const specs: MountSpec[] = [];
  const env: string[] = [];
  try {
    for (const [index, planned] of options.node.mounts.entries()) {
      const source = options.sources[index];
      if (planned.mount.type === 'bind' && source) specs.push(await bindSpec(run, { planned, source, undo }));
      else if (planned.mount.type === 'cache')
        specs.push(await cacheSpec(run, { planned, source, options, undo }));
      else if (planned.mount.type === 'tmpfs') specs.push(tmpfsSpec(planned));
      else if (planned.mount.type === 'ssh') {
        const { runDirectory } = options;
        const ssh = await openSshMount(planned, { sources: run.ssh, runDirectory, index });
        undo.push(() => ssh.close());
        env.push(...ssh.env);
        if (ssh.spec) specs.push(ssh.spec);
      } else if (planned.mount.type === 'secret') {
        env.push(...(await secretVariables(run, planned)));
        const spec = await secretSpec(run, { planned, options });
        if (spec) specs.push(spec);
      }
    }
    if (options.node.scripts.length > 0) specs.push(await scriptsSpec(options));
  } catch (error) {
    await release();
    throw error;
  }
  return { specs, env, release };
}

type Undo = (() => Promise<void> | void)[];

async function bindSpec(
  run: BuildRun,
  {
    planned,
    source,
    undo,
  }: { readonly planned: PlannedMount; readonly source: BindSource; readonly undo: Undo },
): Promise<MountSpec> {
  const directory = planned.mount.readOnly
    ? await bindLayer(run, source)
    : await scratchCopy(run, { source, undo });
  return bind(join(directory, bindName), { target: planned.target, readOnly: planned.mount.readOnly });
}

/** A writable bind mount gets a copy of its own, thrown away after the step. */
async function scratchCopy(
  run: BuildRun,
  { source, undo }: { readonly source: BindSource; readonly undo: Undo },
): Promise<string> {
  const session = await run.runtime.openFs();
  try {
    const active = await run.snapshots.prepare(workspaceKey(), undefined);
    undo.push(() => run.snapshots.remove(active.key));
    const workspace = workspaceOf(session, active);
    await source.fill(workspace);
    await workspace.release();
    return active.layers.upper;
  } finally {
    await session.close();
  }
}

/** The folder of a cache mount: by its id, made with its owner and mode (and first content) when it is new. */
async function cacheSpec(
  run: BuildRun,
  {
    planned,
    source,
    options,
    undo,
  }: {
    readonly planned: PlannedMount;
    readonly source: BindSource | undefined;
    readonly options: RunMountsOptions;
    readonly undo: Undo;
  },
): Promise<MountSpec> {
  const { mount, target } = planned;
  const identity = [mount.id ?? target, source?.digest ?? ''];
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  const folder = run.store.paths.cacheMount(name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { signal } = run;
  const lock = async (name: string, mode: 'shared' | 'exclusive') => {
    const held: FileLock = await run.native.lockFile(join(folder, name), mode, { signal });
    undo.push(() => held.release());
  };
  // A prune leaves alone what a build is using.
  await lock(useLock, 'shared');
  if (mount.sharing !== undefined && mount.sharing !== 'shared') await lock('lock', 'exclusive');
  await touchRecord(folder);
  const making = await run.native.lockFile(join(folder, 'making'), 'exclusive', { signal: run.signal });
  try {
    await fillCache(run, { folder, planned, source, session: options.session });
  } finally {
    making.release();
  }
  return bind(join(folder, 'upper', 'data'), { target, readOnly: mount.readOnly });
}

async function fillCache(
  run: BuildRun,
  {
    folder,
    planned,
    source,
    session,
  }: {
    readonly folder: string;
    readonly planned: PlannedMount;
    readonly source: BindSource | undefined;
    readonly session: FsSession;
  },
): Promise<void> {
  const { mode, uid, gid } = planned.mount;
  const layers = { lowers: [], upper: join(folder, 'upper'), work: join(folder, 'work') };
  await session.makeDirectory(layers.upper, 0o755);
  await session.makeDirectory(layers.work);
  const rootfs = await session.mount(layers);
  try {
    if (await rootfs.stat('/data')) return;
    await rootfs.makeDirectory('/data', { mode: mode ?? 0o755, uid: uid ?? 0, gid: gid ?? 0 });
    if (!source) return;
  } finally {
    await rootfs.unmount();
  }
  const layer = await bindLayer(run, source);
  await session.copyTree(join(layer, bindName), join(layers.upper, 'data'));
}

function tmpfsSpec({ mount, target }: PlannedMount): MountSpec {
  const size = mount.size > 0 ? [`size=${mount.size}`] : [];
  return { kind: 'tmpfs', target, readOnly: false, options: ['mode=1777', ...size] };
}

/**
 * The file of a secret, in the runtime folder (which is memory on most machines) and gone with the step. Made by
 * a session, because only that can give it the owner it has inside.
 */
async function secretSpec(
  run: BuildRun,
  { planned, options }: { readonly planned: PlannedMount; readonly options: RunMountsOptions },
): Promise<MountSpec | undefined> {
  const { mount, target } = planned;
  const content = await readSecret(run, mount);
  if (content === undefined || target === '') return undefined;
  const name = createHash('sha256').update(target).digest('hex').slice(0, 16);
  const layers = {
    lowers: [],
    upper: join(options.runDirectory, 's', name),
    work: join(options.runDirectory, 'w', name),
  };
  await options.session.makeDirectory(layers.upper);
  await options.session.makeDirectory(layers.work);
  const rootfs = await options.session.mount(layers);
  const owner = { uid: mount.uid ?? 0, gid: mount.gid ?? 0 };
  await rootfs.copy(undefined, [
    { type: 'file', target: '/secret', content, mode: mount.mode ?? 0o400, ...owner },
  ]);
  await rootfs.unmount();
  return bind(join(layers.upper, 'secret'), { target, readOnly: true });
}

async function secretVariables(run: BuildRun, { mount }: PlannedMount): Promise<readonly string[]> {
  if (mount.env === undefined) return [];
  const content = await readSecret(run, mount);
  const name = mount.env || mount.id || '';
  return content === undefined ? [] : [`${name}=${Buffer.from(content).toString()}`];
}

async function readSecret(run: BuildRun, mount: PlannedMount['mount']): Promise<Uint8Array | undefined> {
  const id = mount.id ?? posix.basename(mount.source ?? mount.target ?? '');
  const source = run.secrets[id];
  if (source?.value !== undefined) return Buffer.from(source.value);
  if (source?.path !== undefined) return readSecretFile(id, source.path);
  if (!mount.required) return undefined;
  throw new SampanError('build-failed', `The secret ${id} was not given to the build.`, {
    hint: `Give it with --secret id=${id},src=FILE, or remove required=true from the mount.`,
  });
}

async function readSecretFile(id: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SampanError('build-failed', `The file of the secret ${id} cannot be read: ${reason}.`, {
      detail: { path },
      cause,
    });
  }
}

async function scriptsSpec({ node, directory }: RunMountsOptions): Promise<MountSpec> {
  const folder = join(directory, 'pipes');
  await mkdir(folder, { mode: 0o755 });
  for (const script of node.scripts) {
    await writeFile(join(folder, posix.basename(script.name)), script.content, { mode: 0o755 });
  }
  return bind(folder, { target: scriptDirectory, readOnly: true });
}

export function bind(
  source: string,
  { target, readOnly }: { readonly target: string; readonly readOnly: boolean },
): MountSpec {
  return { kind: 'bind', source, target, readOnly, options: ['rprivate'] };
}

/**
 * A layer with the mount points that the rootfs lacks, to be put on top of its layers: so they never appear in
 * what the step commits. Overlay copies the folders above them with their modes and owners.
 */
export async function mountPoints(
  run: BuildRun,
  { lowers, targets }: { readonly lowers: readonly string[]; readonly targets: readonly MountPoint[] },
): Promise<{ readonly directory: string; release(): Promise<void> }> {
  const session = await run.runtime.openFs();
  const active = await run.snapshots.prepare(workspaceKey(), undefined);
  const release = () => run.snapshots.remove(active.key);
  try {
    const rootfs = await session.mount({ ...active.layers, lowers });
    for (const { path, type } of targets) {
      const parent = posix.dirname(path);
      if (parent !== '/') await rootfs.makeDirectory(parent, { mode: 0o755, uid: 0, gid: 0 });
      const owner = { uid: 0, gid: 0 };
      if (type === 'directory') await rootfs.makeDirectory(path, { mode: 0o755, ...owner });
      else
        await rootfs.copy(undefined, [
          { type: 'file', target: path, content: new Uint8Array(0), mode: 0o644, ...owner },
        ]);
    }
    await rootfs.unmount();
    return { directory: active.layers.upper, release };
  } catch (error) {
    await release();
    throw error;
  } finally {
    await session.close();
  }
}

export interface MountPoint {
  readonly path: string;
  readonly type: 'directory' | 'file';
}
