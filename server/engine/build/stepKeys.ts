import { createHash } from 'node:crypto';
import type { ChainId } from '../snapshot/types.ts';
import type { CopyItem, CopyNode, ExecNode, MkdirNode, PlannedMount } from './planTypes.ts';
import type { SelectedSource, SelectionRequest, TreeRequest } from './sources.ts';

/** The rootfs that a step starts from: what it is, and the key of what made it (none for a base image). */
export interface RootfsIdentity {
  readonly chainId: ChainId | undefined;
  readonly key: string | undefined;
}

/**
 * Cache keys: hex sha256 of a canonical JSON text. What is in them follows BuildKit (solver/llbsolver,
 * cache/contenthash) except where noted:
 *
 * - the rootfs a step works on: its chainID and the key of the step that made it. The chainID alone would do, but
 *   two runs can make the same layer by chance (tar has whole seconds), and what is cached must not depend on that;
 * - what a COPY or a bind mount reads, by content: names, types, modes, owners, sizes, link targets, devices and
 *   sha256 of files, never times. Modes of nested directories are in it too (BuildKit leaves them out and so
 *   misses a chmod of a directory);
 * - environment with ARGs in order, cwd, user, hostname, network and mounts of a RUN;
 * - never: proxy variables, values of secrets, contents of cache mounts.
 */
export function execKey(
  node: ExecNode,
  { parent, mountDigests }: { readonly parent: RootfsIdentity; readonly mountDigests: readonly string[] },
): string {
  return keyOf('exec', {
    parent: [parent.chainId, parent.key],
    args: node.args,
    env: node.env,
    cwd: node.cwd,
    user: node.user,
    hostname: node.hostname,
    network: node.network,
    scripts: node.scripts,
    mounts: node.mounts.map((mount, i) => mountIdentity(mount, mountDigests[i] ?? '')),
    ...(node.security === 'insecure' && { security: node.security }),
    ...(node.extraHosts.length > 0 && { extraHosts: node.extraHosts }),
  });
}

/** A cache mount's id counts only when it was given: its content never does. */
function mountIdentity({ mount, target }: PlannedMount, content: string): unknown {
  const { type, readOnly, id, size, env } = mount;
  return { type, target, readOnly, id: type === 'tmpfs' ? undefined : id, size, env, content };
}

/** Key of a COPY or ADD; `contents` has the digest of each item in order. */
export function copyKey(
  node: CopyNode,
  { parent, contents }: { readonly parent: RootfsIdentity; readonly contents: readonly string[] },
): string {
  return keyOf('copy', {
    parent: node.link ? undefined : [parent.chainId, parent.key],
    link: node.link,
    instruction: node.instruction,
    destination: node.destination,
    chown: node.chown,
    chmod: node.chmod,
    parents: node.parents,
    unpack: node.unpack,
    keepGitDir: node.keepGitDir,
    contents,
  });
}

/** Key of "what this instruction last copied onto that rootfs from that folder": all but the contents. */
export function copyTreeKey(
  node: CopyNode,
  { parent, directory }: { readonly parent: RootfsIdentity; readonly directory: string | undefined },
): string {
  return keyOf('copy-tree', { copy: copyKey(node, { parent, contents: [] }), items: node.items, directory });
}

export function mkdirKey(node: MkdirNode, parent: RootfsIdentity): string {
  return keyOf('mkdir', {
    parent: [parent.chainId, parent.key],
    path: node.path,
    user: node.user,
    epoch: node.epochSeconds,
  });
}

/** Key of the fact "what these sources select in that rootfs". */
export function selectionKey(request: SelectionRequest | TreeRequest, rootfs: ChainId | undefined): string {
  return keyOf('selection', { rootfs, ...request });
}

/** Key of "what this request selects in a context that is ignored by these rules". */
export function contextSelectionKey(
  request: SelectionRequest | TreeRequest,
  rules: readonly unknown[],
): string {
  return keyOf('context-selection', { ...request, rules });
}

/** Digest of an inline file or an address. */
export function itemDigest(item: Exclude<CopyItem, { kind: 'path' }>, content: string): string {
  return keyOf('item', { item, content });
}

/**
 * Digest of what was selected: everything that {@link planCopy} makes use of, and nothing that differs
 * between two copies of the same tree. The name of a source counts because it can become the name in the image.
 */
export function selectionDigest(sources: readonly SelectedSource[]): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    const { top } = source;
    // A directory's contents are copied, not itself: its own mode and owner have no effect.
    hash.update(
      JSON.stringify(['source', source.base, ...(top.type === 'directory' ? ['directory'] : identity(top))]),
    );
    const groups = new Map<string, number>();
    for (const { relative, entry } of source.members) {
      const group =
        entry.inode === undefined || entry.type !== 'file'
          ? undefined
          : (groups.get(entry.inode) ?? groups.size);
      if (entry.inode !== undefined && group !== undefined) groups.set(entry.inode, group);
      hash.update(JSON.stringify([relative, ...identity(entry), group]));
    }
  }
  return hash.digest('hex');
}

function identity(entry: SelectedSource['top']): readonly unknown[] {
  const { type, mode, uid, gid, linkTarget, deviceMajor, deviceMinor, sha256 } = entry;
  const size = type === 'file' ? entry.size : 0;
  const capability = entry.xattrs?.['security.capability'];
  return [
    type,
    type === 'symlink' ? 0 : mode,
    uid,
    gid,
    size,
    linkTarget,
    deviceMajor,
    deviceMinor,
    capability,
    sha256,
  ];
}

/** Raised when the meaning of a key changes: old records are then never found. */
const version = 2;

function keyOf(kind: string, value: object): string {
  return createHash('sha256')
    .update(JSON.stringify([version, kind, value]))
    .digest('hex');
}
