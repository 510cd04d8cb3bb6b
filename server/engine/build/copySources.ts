import type { EntryInfo, FsSession, MountedRootfs } from '../runtime/types.ts';
import type { ChainId } from '../snapshot/types.ts';
import { type BuildRun, contextOf } from './buildContext.ts';
import type { CopyBatch } from './copyStep.ts';
import { checksumOf, type Download, download } from './download.ts';
import { fileInputs } from './explain/inputs.ts';
import type { StepInputs } from './explain/types.ts';
import { type Checkout, checkOut } from './gitSource.ts';
import type { CopyItem, CopyNode } from './planTypes.ts';
import { rootfsSource } from './rootfsSource.ts';
import { type SelectedSource, type SelectionRequest, selectSources } from './sources.ts';
import { itemDigest, selectionDigest, selectionKey } from './stepKeys.ts';

/** The sources of one COPY or ADD: first their digests for the key, then, if it has to run, the sources. */
export interface CopySources {
  /** In the order of the items. */
  readonly contents: readonly string[];
  /** What to copy; a rootfs is mounted in `session`. */
  open(session: FsSession): Promise<readonly CopyBatch[]>;
  /** False when files changed after they were hashed, so that the key does not stand for what was copied. */
  isCurrent(): Promise<boolean>;
  /** What is behind `contents`, by name. */
  inputs(): Promise<StepInputs>;
  /** Delete what was fetched. */
  close(): Promise<void>;
}

/** Where `--from` leads: a rootfs by its top layer. */
export interface FromRootfs {
  readonly chainId: ChainId | undefined;
}

/**
 * Find the sources. Context files are selected and hashed at once; a rootfs is only looked into when it is
 * not known what the sources select in it; remote sources are fetched.
 */
export async function findCopySources(
  run: BuildRun,
  { node, from }: { readonly node: CopyNode; readonly from: FromRootfs | undefined },
): Promise<CopySources> {
  const parts: CopySources[] = [];
  for (const items of grouped(node.items)) {
    const [first] = items;
    if (!first) continue;
    if (first.kind === 'path') {
      const request = { sources: items.map(sourceOf), exclude: node.exclude, parents: node.parents };
      parts.push(await (from ? rootfsPart(run, { request, from }) : contextPart(run, { request, node })));
    } else if (first.kind === 'inline') parts.push(inlinePart(first));
    else if (first.kind === 'url') parts.push(await urlPart(run, { item: first, node }));
    else parts.push(await gitPart(run, { item: first, node }));
  }
  return {
    contents: parts.flatMap(part => part.contents),
    open: async session => {
      const batches: CopyBatch[] = [];
      for (const part of parts) batches.push(...(await part.open(session)));
      return batches;
    },
    isCurrent: async () => (await Promise.all(parts.map(part => part.isCurrent()))).every(Boolean),
    inputs: async () => Object.assign({}, ...(await Promise.all(parts.map(part => part.inputs())))),
    close: async () => {
      await Promise.all(parts.map(part => part.close()));
    },
  };
}

/** Neighbouring paths belong together; everything else stands alone. */
function grouped(items: readonly CopyItem[]): readonly (readonly CopyItem[])[] {
  const groups: CopyItem[][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (item.kind === 'path' && last?.[0]?.kind === 'path') last.push(item);
    else groups.push([item]);
  }
  return groups;
}

function sourceOf(item: CopyItem): string {
  return item.kind === 'path' ? item.source : '';
}

const nothingToClose = async (): Promise<void> => {};
const always = async (): Promise<boolean> => true;

async function contextPart(
  run: BuildRun,
  { request, node }: { readonly request: SelectionRequest; readonly node: CopyNode },
): Promise<CopySources> {
  const context = contextOf(run, node.from.kind === 'context' ? node.from.name : undefined);
  const unpack = node.instruction === 'ADD' && node.unpack !== false;
  let selecting: Promise<readonly SelectedSource[]> | undefined;
  const select = () => {
    selecting ??= selectSources(context, request);
    return selecting;
  };
  const known = await context.knownDigest(request);
  const digest = known ?? selectionDigest(await select());
  if (known === undefined) context.rememberDigest(request, digest);
  return {
    contents: [digest],
    open: async () => [{ root: context.directory, sources: await select(), unpack }],
    isCurrent: async () =>
      context.isUnchanged(
        (await select()).flatMap(source => [source.top.path, ...source.members.map(one => one.entry.path)]),
      ),
    inputs: async () => fileInputs(await select()),
    close: nothingToClose,
  };
}

async function rootfsPart(
  run: BuildRun,
  { request, from }: { readonly request: SelectionRequest; readonly from: FromRootfs },
): Promise<CopySources> {
  const key = selectionKey(request, from.chainId);
  const known = await run.cache.findFact(key);
  const found = known === undefined ? await selectInSession(run, { request, from }) : undefined;
  const digest = known ?? selectionDigest(found ?? []);
  if (known === undefined) await run.cache.saveFact(key, digest);
  return {
    contents: [digest],
    open: async session => {
      const root = await mountView(run, { session, from });
      const sources = found ?? (await selectSources(rootfsSource(root, { content: 'skip' }), request));
      return [{ root, sources, unpack: false }];
    },
    isCurrent: always,
    inputs: async () =>
      found ? fileInputs(found) : { 'content files that it copies': `#${digest.slice(0, 12)}` },
    close: nothingToClose,
  };
}

async function selectInSession(
  run: BuildRun,
  { request, from }: { readonly request: SelectionRequest; readonly from: FromRootfs },
): Promise<readonly SelectedSource[]> {
  const session = await run.runtime.openFs();
  try {
    const root = await mountView(run, { session, from });
    return await selectSources(rootfsSource(root, { content: 'hash' }), request);
  } finally {
    await session.close();
  }
}

async function mountView(
  run: BuildRun,
  { session, from }: { readonly session: FsSession; readonly from: FromRootfs },
): Promise<MountedRootfs> {
  return session.mount({ lowers: await run.snapshots.lowers(from.chainId) });
}

function inlinePart(item: Extract<CopyItem, { kind: 'inline' }>): CopySources {
  const content = Buffer.from(item.content);
  const source: SelectedSource = {
    written: item.name,
    base: item.name,
    top: fileEntry(`/${item.name}`, { mode: 0o644, size: content.length, mtimeNs: nowNs() }),
    members: [],
    content,
  };
  return {
    contents: [itemDigest(item, '')],
    open: async () => [{ root: undefined, sources: [source], unpack: false }],
    isCurrent: always,
    inputs: async () => ({}),
    close: nothingToClose,
  };
}

async function urlPart(
  run: BuildRun,
  { item, node }: { readonly item: Extract<CopyItem, { kind: 'url' }>; readonly node: CopyNode },
): Promise<CopySources> {
  const expected = node.checksum === undefined ? undefined : checksumOf(node.checksum);
  const options = { url: item.url, expected, paths: run.store.paths, signal: run.signal };
  // A checksum says what the content is: it is fetched only when the step has to run.
  let fetched: Promise<Download> | undefined = expected === undefined ? download(options) : undefined;
  const content = expected ?? (await fetched)?.sha256 ?? '';
  return {
    contents: [itemDigest(item, content)],
    open: async () => {
      fetched ??= download(options);
      const { directory, name, size, mtimeNs } = await fetched;
      const source: SelectedSource = {
        written: item.url,
        base: name,
        top: fileEntry(`/${name}`, { mode: 0o600, size, mtimeNs: mtimeNs ?? nowNs() }),
        members: [],
      };
      return [{ root: directory, sources: [source], unpack: node.unpack === true }];
    },
    isCurrent: always,
    inputs: async () => ({ [`content download ${item.url}`]: `#${content.slice(0, 12)}` }),
    close: async () => (await fetched?.catch(() => undefined))?.remove(),
  };
}

async function gitPart(
  run: BuildRun,
  { item, node }: { readonly item: Extract<CopyItem, { kind: 'git' }>; readonly node: CopyNode },
): Promise<CopySources> {
  const checkout: Checkout = await checkOut({
    url: item.url,
    checksum: node.checksum,
    keepGitDir: node.keepGitDir,
    paths: run.store.paths,
    native: run.native,
    signal: run.signal,
  });
  const request = { sources: ['/'], exclude: node.exclude, parents: false };
  return {
    contents: [itemDigest(item, checkout.commit)],
    open: async () => [
      { root: checkout.directory, sources: await selectSources(checkout.files, request), unpack: false },
    ],
    isCurrent: always,
    inputs: async () => ({ [`content commit of ${item.url}`]: checkout.commit }),
    close: () => checkout.remove(),
  };
}

function fileEntry(
  path: string,
  { mode, size, mtimeNs }: { readonly mode: number; readonly size: number; readonly mtimeNs: bigint },
): EntryInfo {
  return { path, type: 'file', mode, uid: 0, gid: 0, size, mtimeNs };
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
