import type { ImageStore } from '../image/types.ts';
import type { Native } from '../native.ts';
import type { Networks } from '../network/networks.ts';
import type { RootfsLayers, Runtime } from '../runtime/types.ts';
import type { SnapshotStore } from '../snapshot/types.ts';
import type { Store } from '../store/store.ts';
import type { Volumes } from '../volume/volumes.ts';
import type { CgroupAccess } from './cgroups.ts';
import { noSuchContainer, type Registry } from './registry.ts';
import type { SeccompFilters } from './seccomp.ts';
import type { ContainerFacts } from './state.ts';

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
  readonly seccomp: SeccompFilters;
  readonly cgroups: () => Promise<CgroupAccess>;
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

/** The container's file tree to look at: its own changes as the topmost lower, nothing writable. */
export async function viewLayers(context: ContainerContext, id: string): Promise<RootfsLayers> {
  const active = await context.snapshots.active(id);
  if (!active) throw noSuchContainer(id);
  return { lowers: [active.layers.upper, ...active.layers.lowers] };
}
