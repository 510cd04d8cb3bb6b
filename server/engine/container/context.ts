import { SampanError } from '../../common/errors.ts';
import type { ImageStore } from '../image/types.ts';
import type { EventJournal } from '../journal/journal.ts';
import type { Native } from '../native.ts';
import type { Networks } from '../network/networks.ts';
import type { RootfsLayers, Runtime } from '../runtime/types.ts';
import type { ActiveSnapshot, SnapshotStore } from '../snapshot/types.ts';
import type { Store } from '../store/store.ts';
import type { Volumes } from '../volume/volumes.ts';
import type { CgroupAccess } from './cgroups.ts';
import { noSuchContainer, type Registry } from './registry.ts';
import type { SeccompFilters } from './seccomp.ts';
import type { ContainerFacts } from './state.ts';

type WritableLayers = ActiveSnapshot['layers'];

/** What the acts on containers work with. */
export interface ContainerContext {
  readonly store: Store;
  readonly native: Native;
  readonly runtime: Runtime;
  readonly images: Pick<ImageStore, 'resolve' | 'create'>;
  readonly snapshots: SnapshotStore;
  readonly volumes: Volumes;
  readonly networks: Networks;
  readonly registry: Registry;
  readonly journal: EventJournal;
  readonly seccomp: SeccompFilters;
  readonly cgroups: () => Promise<CgroupAccess>;
  /** Path of the layer with empty places for the engine's own mounts. */
  readonly mountPoints: () => Promise<string>;
  /** SAMPAN_RUN. */
  readonly run: string;
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}

/** @throws SampanError `not-found` */
export async function requireFacts(context: ContainerContext, id: string): Promise<ContainerFacts> {
  const facts = await context.registry.facts(id);
  if (!facts) throw noSuchContainer(id);
  return facts;
}

/** The container's file tree as it runs on: its own changes over the image, over places for the engine's mounts. */
export async function runLayers(context: ContainerContext, id: string): Promise<WritableLayers> {
  const active = await context.snapshots.active(id);
  if (!active)
    throw new SampanError(
      'store-corrupt',
      `The writable layer of the container ${id.slice(0, 12)} is missing.`,
      {
        hint: 'Remove the container (sampan rm) and create it again.',
      },
    );
  return { ...active.layers, lowers: [...active.layers.lowers, await context.mountPoints()] };
}

/** The same to look at: nothing is writable. */
export async function viewLayers(context: ContainerContext, id: string): Promise<RootfsLayers> {
  const { upper, lowers } = await runLayers(context, id);
  return { lowers: [upper, ...lowers] };
}
