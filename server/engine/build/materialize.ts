import { resolveInRoot } from '../runtime/resolve.ts';
import type { EntryInfo } from '../runtime/types.ts';
import type { ChainId } from '../snapshot/types.ts';
import { type BuildRun, contextOf } from './buildContext.ts';
import { cleanPath } from './cleanPath.ts';
import type { BuildContext } from './context.ts';
import { planCopy } from './copyPlan.ts';
import type { FromRootfs } from './copySources.ts';
import { fileInputs } from './explain/inputs.ts';
import type { StepInputs } from './explain/types.ts';
import type { PlannedMount } from './planTypes.ts';
import { rootfsSource } from './rootfsSource.ts';
import { type SelectedSource, SourceMissing, type SourceReader } from './sources.ts';
import { selectionDigest, selectionKey } from './stepKeys.ts';
import { makeLayer, type Workspace } from './workspace.ts';

/**
 * What a bind mount shows. A container can only bind a folder of the host, while a rootfs is several layers
 * and a context has ignored files and foreign owners: so the selected tree is copied once into a layer of
 * its own, by content, and that is bound.
 */
export interface BindSource {
  /** Key part. */
  readonly digest: string;
  /** False when files changed after they were hashed. */
  isCurrent(): Promise<boolean>;
  /** What is behind the digest, by name. */
  inputs(): Promise<StepInputs>;
  /** Copies the tree to `/source` of a workspace. */
  fill(workspace: Workspace): Promise<void>;
}

/** Name of the tree in its layer. */
export const bindName = '/source';

/** Find and hash what a bind mount selects. Throws `SourceMissing`. */
export async function findBindSource(
  run: BuildRun,
  { mount, from }: { readonly mount: PlannedMount; readonly from: FromRootfs | undefined },
): Promise<BindSource> {
  const path = cleanPath(`/${mount.mount.source ?? ''}`);
  if (!from) {
    const context = contextOf(run, mount.from.kind === 'context' ? mount.from.name : undefined);
    return contextBindSource(context, path);
  }
  const key = selectionKey({ tree: path }, from.chainId);
  const known = await run.cache.findFact(key);
  const digest = known ?? (await hashInRootfs(run, { path, from }));
  if (known === undefined) await run.cache.saveFact(key, digest);
  return {
    digest,
    isCurrent: async () => true,
    inputs: async () => ({ [`content files mounted at ${mount.target}`]: `#${digest.slice(0, 12)}` }),
    fill: async workspace => {
      const root = await workspace.session.mount({ lowers: await run.snapshots.lowers(from.chainId) });
      const selected = await selectTree(rootfsSource(root, { content: 'skip' }), path);
      await copyTree(workspace, { selected, root });
    },
  };
}

async function contextBindSource(context: BuildContext, path: string): Promise<BindSource> {
  let selecting: Promise<SelectedSource> | undefined;
  const select = () => {
    selecting ??= selectTree(context, path);
    return selecting;
  };
  const request = { tree: path };
  const known = await context.knownDigest(request);
  const digest = known ?? selectionDigest([await select()]);
  if (known === undefined) context.rememberDigest(request, digest);
  return {
    digest,
    isCurrent: async () => {
      const { top, members } = await select();
      return context.isUnchanged([top.path, ...members.map(member => member.entry.path)]);
    },
    inputs: async () => fileInputs([await select()]),
    fill: async workspace => copyTree(workspace, { selected: await select(), root: context.directory }),
  };
}

/** What each source mounts, by name. */
export function inputsOf(sources: readonly (BindSource | undefined)[]): Promise<readonly StepInputs[]> {
  return Promise.all(sources.map(source => source?.inputs() ?? {}));
}

/** The folder of the layer of a bind source, made when it is not there yet. A layer on nothing is one folder. */
export async function bindLayer(run: BuildRun, source: BindSource): Promise<string> {
  const key = `bind-${source.digest}`;
  const known = await run.cache.findStep(key, undefined);
  if (known) return known.directories[0];
  const layer = await makeLayer(run, undefined, workspace => source.fill(workspace));
  if (await source.isCurrent())
    await run.cache.saveStep(key, { chainId: layer.chainId as ChainId, name: 'bind mount' });
  return layer.directories[0];
}

async function hashInRootfs(
  run: BuildRun,
  { path, from }: { readonly path: string; readonly from: FromRootfs },
): Promise<string> {
  const session = await run.runtime.openFs();
  try {
    const root = await session.mount({ lowers: await run.snapshots.lowers(from.chainId) });
    return selectionDigest([await selectTree(rootfsSource(root, { content: 'hash' }), path)]);
  } finally {
    await session.close();
  }
}

async function selectTree(reader: SourceReader, path: string): Promise<SelectedSource> {
  const { entry } = await resolveInRoot(reader.lstat, path);
  if (!entry) throw new SourceMissing(path);
  const below = entry.type === 'directory' ? await reader.tree(entry.path) : [];
  const [top, ...members] = await reader.hash([entry, ...below]);
  const prefix = entry.path === '/' ? 1 : entry.path.length + 1;
  return {
    written: path,
    base: 'source',
    top: top as EntryInfo,
    members: members.map(member => ({ relative: member.path.slice(prefix), entry: member })),
  };
}

async function copyTree(
  workspace: Workspace,
  {
    selected,
    root,
  }: {
    readonly selected: SelectedSource;
    readonly root: Parameters<Awaited<ReturnType<Workspace['rootfs']>>['copy']>[0];
  },
): Promise<void> {
  const target = {
    path: bindName,
    asDirectory: false,
    existing: undefined,
    owner: undefined,
    chmod: undefined,
    parents: false,
  };
  const rootfs = await workspace.rootfs();
  await rootfs.copy(root, planCopy([selected], target));
}
