import type { CachePolicy } from './build/cachePrune.ts';
import type { Builder, CacheEntry } from './build/types.ts';
import type { ContainerService } from './container/types.ts';
import type { FileService } from './files/types.ts';
import type { ImageStore } from './image/types.ts';
import type { EventOptions, EventPage } from './journal/read.ts';
import type { HostIsolation } from './runtime/types.ts';
import type { Survey } from './store/damage.ts';
import type { DiskUsage } from './usage.ts';
import type { VolumeService } from './volume/types.ts';

export type ObjectKind = 'image' | 'container' | 'volume' | 'network';

/** The engine: everything that handlers may ask of it. */
export interface Engine {
  readonly images: ImageStore;
  readonly containers: ContainerService;
  readonly volumes: VolumeService;
  readonly files: FileService;
  readonly builder: Builder;
  /** Called when something of these kinds changed, whoever changed it; coalesced over 100 ms. Returns the way to stop. */
  onDidChange(listener: (kinds: readonly ObjectKind[]) => void): () => void;
  /** What happened, whoever did it: events from a time or cursor on; waits for one, or for the end. Throws `invalid-argument`, `cancelled`. */
  readEvents(options: EventOptions): Promise<EventPage>;
  info(): Promise<EngineInfo>;
  /** What takes how much of the disk. Throws `store-corrupt` when something cannot be read. */
  diskUsage(): Promise<DiskUsage>;
  /** Forget cached steps and empty cache mounts. Throws `store-corrupt` beside damage. */
  pruneCache(
    policy: CachePolicy,
  ): Promise<{ readonly entries: readonly CacheEntry[]; readonly bytes: number }>;
  /** A bridge network whose members know each other by name. Throws `conflict`, `invalid-argument`. */
  createNetwork(options: {
    readonly name: string;
    readonly subnet?: string;
  }): Promise<{ readonly id: string }>;
  /** By name or id. Throws `not-found`, `conflict` while a running container is on it, or for one that is always there. */
  removeNetwork(nameOrId: string): Promise<void>;
  /** All networks, and those whose record cannot be read. */
  surveyNetworks(): Promise<Survey<NetworkInfo>>;
  close(): Promise<void>;
}

export interface EngineInfo {
  readonly version: string;
  readonly root: string;
  readonly run: string;
  readonly host: HostIsolation;
  readonly cgroup: {
    readonly version: 'v1' | 'v2' | 'hybrid' | 'none';
    readonly controllers: readonly string[];
  };
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly warnings: readonly string[];
}

export interface NetworkInfo {
  readonly name: string;
  readonly id: string;
  /** RFC 3339; year 1 for the networks that are always there. */
  readonly createdAt: string;
  readonly driver: 'bridge' | 'host' | 'none';
  readonly subnet?: string;
  readonly gateway?: string;
  readonly containers: readonly { readonly id: string; readonly name: string; readonly address: string }[];
}

export interface EngineOptions {
  /** SAMPAN_ROOT. */
  readonly root: string;
  /** SAMPAN_RUN. */
  readonly run: string;
  /** Folder with the addon and `sampan-init`. */
  readonly nativeDirectory: string;
  /** Seconds after which a holder that nobody uses leaves; the helper's default when absent. */
  readonly idleSeconds?: number;
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}
