import type { Digest } from '../../common/digest.ts';
import type { FsSession, RootfsLayers } from '../runtime/types.ts';

/** chainID as in OCI image-spec, config.md "Layer ChainID". */
export type ChainId = Digest;

/** A committed layer on its parents. */
export interface SnapshotInfo {
  readonly chainId: ChainId;
  readonly diffId: Digest;
  readonly parent: ChainId | undefined;
  /**
   * Absolute paths of the unpacked change set, overlay form: one directory, or several of which each is a difference
   * to those behind it. Other layers may stand on the same ones.
   */
  readonly directories: readonly [string, ...string[]];
  readonly tarSize: number;
  readonly contentSize: number;
  readonly createdAt: string;
  /** Where the layer's own tar is kept; undefined when `diffLayer` gives back the very bytes of `diffId`. */
  readonly blob: LayerBlob | undefined;
}

/** A layer as a registry or archive gave it, plain or compressed, in the blob store. */
export interface LayerBlob {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes, as stored. */
  readonly size: number;
}

/** A writable upper on a parent; not part of any image until committed. */
export interface ActiveSnapshot {
  readonly key: string;
  readonly parent: ChainId | undefined;
  readonly layers: RootfsLayers & { readonly upper: string; readonly work: string };
}

/** What {@link SnapshotStore.apply} unpacks. */
export interface AppliedLayer {
  readonly parent: ChainId | undefined;
  readonly diffId: Digest;
  /** The blob that `tar` comes from, kept because a foreign tar cannot be made again from its files. */
  readonly blob?: LayerBlob;
}

/**
 * Unpacked layers by chainID, and writable uppers on them. A chainID's content never changes.
 *
 * prepare → (work in `layers.upper`) → commit, or remove. A crash between leaves an active snapshot
 * without a lease, which the next collection removes. Committing what exists already discards the new copy.
 */
export interface SnapshotStore {
  /** Undefined for a layer that is not here, or whose record is damaged: whoever makes it again mends it. */
  get(chainId: ChainId): Promise<SnapshotInfo | undefined>;
  /** All layers of a chain as overlay lowers, topmost first; [] for undefined. Throws `store-corrupt` when one is missing. */
  lowers(chainId: ChainId | undefined): Promise<readonly string[]>;
  /**
   * Make an empty upper and work directory on `parent`. `key` names the owner (container id, or a build step's).
   * A `transient` one is worth nothing after a power cut, which saves the waits for the disk. With `over` the upper
   * takes changes to that layer, and the two will be one layer on `parent` together.
   */
  prepare(
    key: string,
    parent: ChainId | undefined,
    options?: { readonly transient?: boolean; readonly over?: ChainId },
  ): Promise<ActiveSnapshot>;
  /** The active snapshot of that key, to start a container again. */
  active(key: string): Promise<ActiveSnapshot | undefined>;
  /**
   * Measure the upper (diffID) and make it immutable. With `layer` known, no second pass over the files; its
   * `blob` goes along when the files are those of a foreign layer.
   */
  commit(
    session: FsSession,
    active: ActiveSnapshot,
    layer?: {
      readonly diffId: Digest;
      readonly tarSize: number;
      readonly contentSize: number;
      readonly blob?: LayerBlob | undefined;
    },
  ): Promise<SnapshotInfo>;
  /** The same change set on another parent: the files are shared. */
  graft(layer: ChainId, parent: ChainId): Promise<SnapshotInfo>;
  /** Unpack a plain layer tar on its parent. Verifies `diffId` before anything is visible (`image-invalid`). */
  apply(session: FsSession, layer: AppliedLayer, tar: AsyncIterable<Uint8Array>): Promise<SnapshotInfo>;
  /** Throw an active snapshot away; the files go in the background. */
  remove(key: string): Promise<void>;
}
