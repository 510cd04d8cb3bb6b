import type { Digest } from '../../common/digest.ts';
import type { SampanError } from '../../common/errors.ts';
import type { Healthcheck, Image, RunConfig } from '../image/types.ts';
import type { ByteSink, PublishedPort, StartedExec } from '../runtime/types.ts';
import type { Survey } from '../store/damage.ts';
import type { CopyGoal, CopyOptions, CopyOrigin } from './copy.ts';
import type { HealthState } from './health.ts';
import type { ContainerUsage } from './usage.ts';

export type ContainerStatus =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'exited'
  | 'dead'
  | 'removing';

/** What `create` was asked for: docker's options after parsing, before the image's defaults are merged in. */
export interface ContainerOptions {
  readonly image: string;
  readonly name?: string;
  /** Replaces the image's Cmd when not empty. */
  readonly command?: readonly string[];
  /** Replaces the image's Entrypoint and drops its Cmd; [] resets it. */
  readonly entrypoint?: readonly string[];
  readonly env?: readonly string[];
  readonly labels?: { readonly [name: string]: string };
  readonly workingDir?: string;
  readonly user?: string;
  readonly groupAdd?: readonly string[];
  readonly hostname?: string;
  readonly tty?: boolean;
  readonly openStdin?: boolean;
  readonly init?: boolean;
  readonly readOnly?: boolean;
  readonly autoRemove?: boolean;
  readonly mounts?: readonly MountOption[];
  readonly volumesFrom?: readonly string[];
  readonly ports?: readonly PublishedPort[];
  readonly publishAll?: boolean;
  readonly expose?: readonly string[];
  /** `bridge`, `none`, `host`, `container:<name>`, or the name of a network. */
  readonly network?: string;
  /** Further names on a network that a user made. */
  readonly networkAliases?: readonly string[];
  readonly links?: readonly { readonly container: string; readonly alias: string }[];
  readonly extraHosts?: readonly string[];
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  readonly limits?: Limits;
  /** Wins over the image's field by field; a `Test` of `NONE` switches that off. */
  readonly healthcheck?: Healthcheck;
  readonly namespaces?: NamespaceModes;
  /** -1000 to 1000: how eagerly the kernel kills it for memory. */
  readonly oomScoreAdj?: number;
  /** What its monitor does when it ends; absent: nothing. */
  readonly restart?: RestartPolicy;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly securityOpt?: readonly string[];
  readonly stopSignal?: string;
  /** Seconds. */
  readonly stopTimeout?: number;
  readonly shmSize?: number;
  readonly ulimits?: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly sysctls?: { readonly [name: string]: string };
  /** Accept a host that cannot enforce a limit: a warning instead of `limit-unenforceable`. */
  readonly allowUnenforced?: boolean;
}

/** docker's modes: `host`, `private`, `container:<name>` (pid), `shareable` (ipc); absent: private. */
export interface NamespaceModes {
  readonly pid?: string;
  readonly ipc?: string;
  readonly uts?: string;
  readonly cgroup?: string;
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** Of `on-failure`; 0: no limit. */
  readonly maximumRetries: number;
}

/** What `update` changes; absent fields stay. */
export interface ContainerUpdate {
  readonly limits?: Limits;
  readonly restart?: RestartPolicy;
}

export interface MountOption {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** Host path, volume name, or absent for an anonymous volume and tmpfs. */
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** `nocopy` and `subpath=<path>` (volume), `size=<bytes>` and `mode=<octal>` and the like (tmpfs), propagation (bind). */
  readonly options: readonly string[];
  /** `-v` makes a missing bind source, `--mount` refuses it. */
  readonly createSource: boolean;
}

export interface Limits {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes, memory plus swap; -1 unlimited. */
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  /** Whole CPUs, e.g. 1.5. */
  readonly cpus?: number;
  readonly cpuShares?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** -1 or 0: unlimited. */
  readonly pids?: number;
}

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: { readonly id: Digest; readonly reference: string };
  readonly options: ContainerOptions;
  /** Merged: image defaults and options. */
  readonly config: RunConfig;
  /** The command line that runs. */
  readonly args: readonly string[];
  readonly status: ContainerStatus;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  /** How often its monitor has run it again since it was started. */
  readonly restartCount: number;
  /** Of a container with a health check: what the last start's checks came to. */
  readonly health?: HealthState;
  readonly oomKilled?: boolean;
  readonly error?: string;
  /** Pid of the main process as the host sees it. */
  readonly pid?: number;
  readonly network: {
    readonly name: string;
    readonly address?: string;
    readonly gateway?: string;
    readonly mac?: string;
  };
  /** Requested or, when running, real ports. */
  readonly ports: readonly PublishedPort[];
  readonly mounts: readonly ContainerMount[];
  readonly links: readonly {
    readonly container: string;
    readonly alias: string;
    readonly address?: string;
  }[];
  /** Folder with `log`. */
  readonly directory: string;
  readonly warnings: readonly string[];
}

export interface ContainerMount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly volume?: string;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/**
 * Containers over the runtime. The record on disk is written before anything runs, the state by the
 * monitor; so any server can see and steer any container, and a killed server loses nothing.
 */
export interface ContainerService {
  /** Throws `store-corrupt` when one cannot be read. */
  list(options?: { readonly all: boolean }): Promise<readonly Container[]>;
  /** To show: the same, and those that cannot be read. */
  survey(options?: { readonly all: boolean }): Promise<Survey<Container>>;
  /** Names of the containers made from an image. Throws `store-corrupt` while one cannot be read: it may be a user. */
  usersOfImage(id: string): Promise<readonly string[]>;
  /** By id, unique id prefix or name. Throws `not-found`. */
  get(nameOrId: string): Promise<Container>;
  create(options: ContainerOptions): Promise<Container>;
  /** Starts; with `waitForAttach` the process execs once somebody attached. A failure leaves the container created with `error`. */
  start(
    nameOrId: string,
    options?: {
      readonly waitForAttach?: boolean;
      readonly ttySize?: { readonly rows: number; readonly columns: number };
    },
  ): Promise<{ readonly container: Container; readonly attachSocket: string }>;
  /** Stop signal, wait, kill; fine on a stopped one. */
  stop(
    nameOrId: string,
    options?: { readonly timeoutSeconds?: number; readonly signal?: string },
  ): Promise<void>;
  kill(nameOrId: string, signal: string): Promise<void>;
  /** Freeze all its processes. Throws `not-running`, `conflict` when it is paused, `unsupported` where no cgroup can be frozen. */
  pause(nameOrId: string): Promise<void>;
  unpause(nameOrId: string): Promise<void>;
  restart(nameOrId: string, options?: { readonly timeoutSeconds?: number }): Promise<void>;
  /** Start those that docker's daemon would start after a reboot, by their restart policy. */
  startByPolicy(): Promise<{ readonly started: readonly string[]; readonly failed: readonly SampanError[] }>;
  /** At once when it runs; gives sentences about what counts later. Throws `invalid-argument`, `limit-unenforceable`, `conflict` when the kernel refuses. */
  update(nameOrId: string, update: ContainerUpdate): Promise<readonly string[]>;
  remove(nameOrId: string, options?: { readonly force?: boolean; readonly volumes?: boolean }): Promise<void>;
  rename(nameOrId: string, name: string): Promise<void>;
  /** Resolves when it is not running, with docker's exit code. */
  wait(
    nameOrId: string,
    options?: { readonly signal?: AbortSignal; readonly condition?: 'not-running' | 'removed' },
  ): Promise<number>;
  /** What these, or all, containers take now; those that do not run take nothing and are told with `all` or by name. Throws `not-found`. */
  usage(options: {
    readonly containers?: readonly string[];
    readonly all: boolean;
  }): Promise<readonly ContainerUsage[]>;
  exec(nameOrId: string, options: ExecOptions): Promise<StartedExec>;
  attachSocket(nameOrId: string): Promise<string>;
  /** Records from `cursor` on; with `follow` waits for at least one or the end. */
  readLog(nameOrId: string, options: LogOptions): Promise<LogPage>;
  exportTar(nameOrId: string, sink: ByteSink): Promise<void>;
  /** docker's `cp`, both ways; running or not, mounts included. Throws `not-found`, `invalid-argument`, `conflict`. */
  copyFrom(nameOrId: string, options: CopyOptions & { readonly to: CopyGoal }): Promise<void>;
  copyTo(nameOrId: string, options: CopyOptions & { readonly from: CopyOrigin }): Promise<void>;
  /** The writable layer as a new layer on the image. */
  commit(
    nameOrId: string,
    options: {
      readonly tags: readonly string[];
      readonly author?: string;
      readonly message?: string;
      readonly changes?: readonly string[];
    },
  ): Promise<Image>;
  changes(nameOrId: string): Promise<readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[]>;
}

export interface ExecOptions {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly privileged?: boolean;
  readonly waitForAttach: boolean;
  readonly ttySize?: { readonly rows: number; readonly columns: number };
}

export interface LogOptions {
  /** Opaque; absent: the beginning (or `tail`). */
  readonly cursor?: string;
  readonly tail?: number;
  readonly since?: string;
  readonly until?: string;
  readonly follow: boolean;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface LogPage {
  readonly records: readonly {
    readonly time: string;
    readonly stream: 'stdout' | 'stderr';
    readonly text: string;
  }[];
  readonly cursor: string;
  /** No more will come. */
  readonly end: boolean;
}
