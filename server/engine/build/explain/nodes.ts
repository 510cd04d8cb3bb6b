import type { NodeId, PlanNode } from '../planTypes.ts';
import type { RootfsIdentity } from '../stepKeys.ts';

/** Steps whose files a node copies or mounts. */
export function sideInputs(node: PlanNode): readonly NodeId[] {
  if (node.kind === 'copy') return node.from.kind === 'rootfs' ? defined([node.from.node]) : [];
  if (node.kind !== 'exec') return [];
  return defined(node.mounts.map(mount => (mount.from.kind === 'rootfs' ? mount.from.node : undefined)));
}

/** All steps whose files a node works on. */
export function inputNodes(node: PlanNode): readonly NodeId[] {
  return node.kind === 'image' ? [] : [...defined([node.input]), ...sideInputs(node)];
}

/** Equal for two rootfs that a key does not tell apart. */
export function rootfsIdentity({ chainId, key }: RootfsIdentity): string {
  return `${key ?? ''}@${chainId ?? ''}`;
}

function defined(ids: readonly (NodeId | undefined)[]): readonly NodeId[] {
  return ids.filter(id => id !== undefined);
}
