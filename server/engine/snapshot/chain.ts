import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../../common/digest.ts';
import type { ChainId } from './types.ts';

/** OCI image-spec config.md "Layer ChainID": the diffID itself at the bottom, else sha256 of `parent diffID`. */
export function chainIdOf(parent: ChainId | undefined, diffId: Digest): ChainId {
  if (parent === undefined) return diffId;
  return digestFromHex(createHash('sha256').update(`${parent} ${diffId}`).digest('hex'));
}

/** The chainID of each layer, bottom first. */
export function chainIdsOf(diffIds: readonly Digest[]): readonly ChainId[] {
  const chain: ChainId[] = [];
  for (const diffId of diffIds) chain.push(chainIdOf(chain.at(-1), diffId));
  return chain;
}
