import { createReadStream } from 'node:fs';
import { join, posix } from 'node:path';
import { resolveInRoot } from '../runtime/resolve.ts';
import type { CopyEntry, MountedRootfs } from '../runtime/types.ts';
import { readAccountFiles } from './accountFiles.ts';
import { isTar, openArchive } from './archive.ts';
import type { BuildRun } from './buildContext.ts';
import { parseChmod } from './chmod.ts';
import { type CopyTarget, planCopy } from './copyPlan.ts';
import { isNumericOwner, type Owner, resolveOwner } from './owner.ts';
import type { CopyNode } from './planTypes.ts';
import type { SelectedSource } from './sources.ts';
import { throwIfCancelled } from './stepFailure.ts';

/** Sources that lie below one root, found and hashed. */
export interface CopyBatch {
  /** A host folder, a mounted rootfs, or nothing for sources that bring their content. */
  readonly root: string | MountedRootfs | undefined;
  readonly sources: readonly SelectedSource[];
  /** Archives among the sources are unpacked. */
  readonly unpack: boolean;
}

/** Execute a COPY or ADD on a mounted rootfs. */
export async function copyInto(
  run: BuildRun,
  rootfs: MountedRootfs,
  { node, batches }: { readonly node: CopyNode; readonly batches: readonly CopyBatch[] },
): Promise<void> {
  const owner = await copyOwner(rootfs, node);
  for (const batch of batches) {
    for (const part of await splitArchives(batch)) {
      throwIfCancelled(run.signal);
      if (part.kind === 'archive') await unpackInto(rootfs, { node, owner, archive: part.path });
      else await copyPart(rootfs, { node, owner, batch, sources: part.sources });
    }
  }
}

/** The sources of a batch in which nothing is unpacked, else undefined. */
export async function plainSources(batch: CopyBatch): Promise<readonly SelectedSource[] | undefined> {
  const [first, ...others] = await splitArchives(batch);
  return first?.kind === 'plain' && others.length === 0 ? first.sources : undefined;
}

/** The entries that put `sources` into a rootfs, which is only looked at. */
export async function planEntries(
  rootfs: Pick<MountedRootfs, 'stat' | 'readFile'>,
  { node, sources }: { readonly node: CopyNode; readonly sources: readonly SelectedSource[] },
): Promise<readonly CopyEntry[]> {
  const owner = await copyOwner(rootfs, node);
  return planCopy(sources, await copyTarget(rootfs, { node, owner }));
}

async function copyPart(
  rootfs: MountedRootfs,
  part: {
    readonly node: CopyNode;
    readonly owner: Owner | undefined;
    readonly batch: CopyBatch;
    readonly sources: readonly SelectedSource[];
  },
): Promise<void> {
  const target = await copyTarget(rootfs, part);
  const entries = planCopy(part.sources, target);
  if (entries.length > 0) await rootfs.copy(part.batch.root, entries);
}

async function copyTarget(
  rootfs: Pick<MountedRootfs, 'stat'>,
  { node, owner }: { readonly node: CopyNode; readonly owner: Owner | undefined },
): Promise<CopyTarget> {
  const resolved = await resolveInRoot(path => rootfs.stat(path, { followLast: false }), node.destination);
  return {
    path: resolved.path,
    asDirectory: node.destination.endsWith('/'),
    existing: resolved.entry?.type,
    owner,
    chmod: node.chmod === undefined ? undefined : parseChmod(node.chmod),
    parents: node.parents,
  };
}

async function copyOwner(
  rootfs: Pick<MountedRootfs, 'readFile'>,
  node: CopyNode,
): Promise<Owner | undefined> {
  if (node.chown === undefined) return undefined;
  const needsFiles = !isNumericOwner(node.chown);
  const files = needsFiles ? await readAccountFiles(rootfs) : { passwd: undefined, group: undefined };
  return resolveOwner(node.chown, files);
}

type Part =
  | { readonly kind: 'archive'; readonly path: string }
  | { readonly kind: 'plain'; readonly sources: readonly SelectedSource[] };

/** The sources in order, each archive on its own. */
async function splitArchives({ root, sources, unpack }: CopyBatch): Promise<readonly Part[]> {
  if (!unpack || typeof root !== 'string') return [{ kind: 'plain', sources }];
  const parts: Part[] = [];
  let plain: SelectedSource[] = [];
  for (const source of sources) {
    const path = source.top.type === 'file' ? join(root, source.top.path) : undefined;
    if (path === undefined || !(await isTar(path))) {
      plain.push(source);
      continue;
    }
    if (plain.length > 0) parts.push({ kind: 'plain', sources: plain });
    plain = [];
    parts.push({ kind: 'archive', path });
  }
  return plain.length > 0 || parts.length === 0 ? [...parts, { kind: 'plain', sources: plain }] : parts;
}

/** ADD of an archive: its members go below the destination, which becomes a directory; `--chmod` does not apply. */
async function unpackInto(
  rootfs: MountedRootfs,
  {
    node,
    owner,
    archive,
  }: { readonly node: CopyNode; readonly owner: Owner | undefined; readonly archive: string },
): Promise<void> {
  const { path } = await resolveInRoot(at => rootfs.stat(at, { followLast: false }), node.destination);
  const made = { mode: 0o755, uid: owner?.uid ?? 0, gid: owner?.gid ?? 0 };
  if (path !== posix.sep) await rootfs.makeDirectory(path, made);
  await rootfs.extract(path, openArchive(createReadStream(archive)), owner ?? {});
}
