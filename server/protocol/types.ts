/** Plain JSON shapes. Ids are full, times RFC 3339, sizes bytes, unless said otherwise. */

export interface ImageSummary {
  /** `sha256:…` of the config. */
  readonly id: string;
  /** Familiar references (`busybox:1`, `127.0.0.1:5000/a:1`). */
  readonly tags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: number;
  readonly createdAt: string;
  /** Names of containers made from it. */
  readonly containers: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: { readonly [name: string]: string };
}

export interface ImageDetail extends ImageSummary {
  /** The OCI config document as stored. */
  readonly config: unknown;
  /** Bottom first, with the history entry that made each. */
  readonly layers: readonly {
    readonly diffId: string;
    /** Names the file system up to this layer. */
    readonly chainId: string;
    readonly createdBy: string;
    /** Of the layer's own files; absent while it is not here. */
    readonly size?: number;
  }[];
}

export interface PublishedPort {
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

export interface MountOption {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** `nocopy` and `subpath=<path>` (volume), `size=<bytes>` and `mode=<octal>` and the like (tmpfs), propagation (bind). */
  readonly options: readonly string[];
  readonly createSource: boolean;
}

export interface Limits {
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  readonly cpus?: number;
  readonly cpuShares?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pids?: number;
}

/** docker's names, times in nanoseconds; 0 and absent are as the image says. A `Test` of `NONE` switches the image's off. */
export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
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

export interface ContainerOptions {
  readonly image: string;
  readonly name?: string;
  readonly command?: readonly string[];
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
  readonly network?: string;
  readonly networkAliases?: readonly string[];
  readonly links?: readonly { readonly container: string; readonly alias: string }[];
  readonly extraHosts?: readonly string[];
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  readonly limits?: Limits;
  readonly healthcheck?: Healthcheck;
  readonly namespaces?: NamespaceModes;
  /** -1000 to 1000: how eagerly the kernel kills it for memory. */
  readonly oomScoreAdj?: number;
  readonly restart?: RestartPolicy;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly securityOpt?: readonly string[];
  readonly stopSignal?: string;
  readonly stopTimeout?: number;
  readonly shmSize?: number;
  readonly ulimits?: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly sysctls?: { readonly [name: string]: string };
  readonly allowUnenforced?: boolean;
}

export type ContainerStatus =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'exited'
  | 'dead'
  | 'removing';

export interface ContainerInfo {
  readonly id: string;
  readonly name: string;
  readonly image: { readonly id: string; readonly reference: string };
  readonly options: ContainerOptions;
  /** The merged run configuration, OCI image-spec config.md names. */
  readonly config: { readonly [key: string]: unknown };
  readonly args: readonly string[];
  readonly status: ContainerStatus;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly restartCount: number;
  /** Of a container with a health check: what the last start's checks came to. */
  readonly health?: {
    readonly status: 'starting' | 'healthy' | 'unhealthy';
    /** Failures in a row. */
    readonly failingStreak: number;
    /** The last five, the newest last. An exit code of -1: it could not be run, or took too long. */
    readonly log: readonly {
      readonly start: string;
      readonly end: string;
      readonly exitCode: number;
      readonly output: string;
    }[];
  };
  readonly oomKilled?: boolean;
  readonly error?: string;
  readonly pid?: number;
  readonly network: {
    readonly name: string;
    readonly address?: string;
    readonly gateway?: string;
    readonly mac?: string;
  };
  readonly ports: readonly PublishedPort[];
  readonly mounts: readonly {
    readonly type: 'bind' | 'volume' | 'tmpfs';
    readonly volume?: string;
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  readonly links: readonly {
    readonly container: string;
    readonly alias: string;
    readonly address?: string;
  }[];
  readonly directory: string;
  readonly warnings: readonly string[];
}

/** In bytes of content; `reclaimable` is what would be free without those that nothing uses. */
export interface Usage {
  readonly count: number;
  readonly active: number;
  readonly bytes: number;
  readonly reclaimable: number;
}

export interface DiskUsage {
  readonly images: Usage;
  /** By id. */
  readonly containers: Usage & { readonly sizes: { readonly [id: string]: number } };
  /** By name. */
  readonly volumes: Usage & { readonly sizes: { readonly [name: string]: number } };
  readonly cache: Usage & { readonly entries: readonly CacheEntry[] };
}

/** A step's layer, or the folder of a cache mount. */
export interface CacheEntry {
  readonly id: string;
  readonly kind: 'step' | 'mount';
  /** The step as BuildKit shows it. */
  readonly description: string;
  readonly bytes: number;
  /** RFC 3339. */
  readonly usedAt: string;
  /** An image has the layer as well: forgetting the step frees nothing. */
  readonly isShared: boolean;
}

export interface VolumeInfo {
  readonly name: string;
  readonly mountpoint: string;
  readonly labels: { readonly [name: string]: string };
  readonly anonymous: boolean;
  readonly createdAt: string;
  /** Names of containers that mount it. */
  readonly containers: readonly string[];
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

export interface EngineInfo {
  readonly version: string;
  readonly protocol: number;
  readonly root: string;
  readonly run: string;
  readonly host: {
    readonly rootless: boolean;
    readonly idMap: 'root' | 'range' | 'single';
    readonly idCount: number;
    readonly overlay: boolean;
    readonly egress: 'direct' | 'pasta' | 'slirp4netns' | 'none';
  };
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

export interface BuildParams {
  /** Absolute folder; absent: an empty context, unless `remoteContext` is one. */
  readonly contextDirectory?: string;
  /** A context that is no folder. Its Dockerfile is in it, or is all of it; a failure has its text in `detail.dockerfile`. */
  readonly remoteContext?: RemoteContext;
  /** Absolute path, or the name inside `remoteContext`; read by the server unless `dockerfileText` is given (unsaved editor, stdin). */
  readonly dockerfile: string;
  readonly dockerfileText?: string;
  readonly tags: readonly string[];
  readonly target?: string;
  readonly buildArgs?: { readonly [name: string]: string };
  readonly labels?: { readonly [name: string]: string };
  readonly noCache?: boolean;
  readonly pull?: boolean;
  readonly network?: 'default' | 'none' | 'host';
  /** One or several; the host's when none is given. */
  readonly platforms?: readonly string[];
  /** Where the result goes; into the store when none is given. */
  readonly outputs?: readonly BuildOutput[];
  /** Named contexts: a folder (absolute), an address as of `remoteContext`, `docker-image://reference`, or `oci-layout://folder[:tag][@digest]`. They win over stages and images of that name. */
  readonly contexts?: { readonly [name: string]: string };
  /** What `RUN --mount=type=secret` can read, by id. Never in a cache key, never in the image. */
  readonly secrets?: { readonly [id: string]: SecretSource };
  /** `name:address` for /etc/hosts of each RUN; the address may be `host-gateway`. */
  readonly extraHosts?: readonly string[];
  /** What `RUN --mount=type=ssh` can reach, by id (`default` for mounts without one). Never in a cache key. */
  readonly ssh?: { readonly [id: string]: SshSource };
  /** Entitlements that were granted: `network.host`, `security.insecure`. */
  readonly allow?: readonly string[];
  /** Stages whose steps are never taken from the cache. */
  readonly noCacheFilter?: readonly string[];
  /** Caches elsewhere that steps are taken from when there is none here. */
  readonly cacheFrom?: readonly CachePlace[];
  /** Where the cache of this build is written to as well. */
  readonly cacheTo?: readonly CacheTarget[];
  /** Put the keys of its steps into the image's config, so that the pushed image is a cache (`type=inline`). */
  readonly inlineCache?: boolean;
  /** Keep the state before a RUN that fails: `sampan/build/shell` opens it by `detail.failedStep` of the error. */
  readonly keepFailed?: boolean;
  /** Say what a build would take from the cache, by `explain` events; nothing is run, made, fetched or written, and `cacheFrom` is not asked. */
  readonly dryRun?: boolean;
  /** Names the `sampan/build/event` notifications of this build. */
  readonly token: string;
}

/** A name in a registry, or an OCI layout folder (absolute); BuildKit's cache manifest (`application/vnd.buildkit.cacheconfig.v0`). */
export type CachePlace =
  | { readonly kind: 'registry'; readonly reference: string }
  | {
      readonly kind: 'folder';
      readonly folder: string;
      /** In its index; `latest` when neither is given. */
      readonly tag?: string;
      readonly digest?: string;
    };

export interface CacheTarget {
  readonly place: CachePlace;
  /** `min`: the steps of the image; `max`: also those of other stages. */
  readonly mode: 'min' | 'max';
  /** For layers that have no blob yet, and for all with `forceCompression`. */
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly compressionLevel?: number;
  readonly forceCompression: boolean;
  /** A manifest; otherwise an index, which is BuildKit's older form. */
  readonly isImageManifest: boolean;
  /** A failure to write it does not fail the build. */
  readonly ignoreError: boolean;
}

/** A git repository, an archive or Dockerfile at an address, or the same in a file. */
export type RemoteContext =
  | { readonly kind: 'git' | 'address'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/** The socket of an SSH agent, or private keys without passphrase (absolute paths). With `raw` the socket may speak anything. */
export interface SshSource {
  readonly paths: readonly string[];
  readonly raw?: boolean;
}

/** A secret is the content of a file, or a value. */
export type SecretSource =
  | { readonly path: string; readonly value?: undefined }
  | { readonly value: string; readonly path?: undefined };

/** Paths are absolute. A file may be a pipe or a device. */
export type BuildOutput =
  /** An image in the store, with the tags of the build. */
  | { readonly kind: 'image' }
  /** The cache alone. */
  | { readonly kind: 'none' }
  /** The files of the rootfs, owned by the user; a folder for each platform if they are several. */
  | { readonly kind: 'folder'; readonly path: string; readonly splitPlatforms: boolean }
  /** The rootfs as one tar. */
  | { readonly kind: 'rootfs-archive'; readonly path: string }
  | ImageArchiveOutput
  | RegistryOutput;

/** An image, or one for each platform: in a tar, or in the folder of an OCI layout. */
export interface ImageArchiveOutput extends ImageForm {
  readonly kind: 'image-archive';
  readonly path: string;
  readonly isFolder: boolean;
  readonly format: 'docker-archive' | 'oci-archive';
}

/** An image, or an index of one for each platform, pushed under its names. */
export interface RegistryOutput extends ImageForm {
  readonly kind: 'registry';
}

/** How images are written. */
export interface ImageForm {
  readonly names: readonly string[];
  readonly mediaTypes: 'oci' | 'docker';
  /** For layers that have no blob yet, and for all with `forceCompression`. */
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly compressionLevel?: number;
  readonly forceCompression: boolean;
  /** Files that are younger than SOURCE_DATE_EPOCH get its time. */
  readonly rewriteTimestamps: boolean;
  readonly annotations: readonly Annotation[];
}

/** Without a platform it is for the images of all. */
export interface Annotation {
  readonly level: 'manifest' | 'manifest-descriptor' | 'index' | 'index-descriptor';
  readonly platform?: string;
  readonly key: string;
  readonly value: string;
}

export interface BuildStep {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  /** Ids of the steps whose files it works on. */
  readonly inputs: readonly string[];
  readonly line?: number;
  readonly endLine?: number;
}

/** Coalesced: at most 16 KiB or 50 ms of output an event. Lines are 1-based. */
export type BuildEvent =
  | { readonly kind: 'plan'; readonly steps: readonly BuildStep[] }
  | { readonly kind: 'start'; readonly step: string; readonly at: string }
  | {
      readonly kind: 'output';
      readonly step: string;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | {
      readonly kind: 'progress';
      readonly step: string;
      /** Which of the things that the step is about, such as a layer. */
      readonly item: string;
      readonly text: string;
      /** Bytes. */
      readonly current?: number;
      readonly total?: number;
      /** Nothing more comes of this item. */
      readonly isDone: boolean;
    }
  | ({ readonly kind: 'explain'; readonly step: string } & CacheExplanation)
  | {
      readonly kind: 'finish';
      readonly step: string;
      readonly at: string;
      readonly cached: boolean;
      readonly milliseconds: number;
      /** What the step made, or took from the cache: the file system up to it, and the bytes of its own files. */
      readonly layer?: { readonly chainId: string; readonly size: number };
      readonly error?: string;
      /** It was stopped, by the user or because another step failed; then `error` says so. */
      readonly isCanceled?: boolean;
    }
  | ({ readonly kind: 'warning' } & BuildFinding);

/** What a build check found. */
export interface BuildFinding extends AtLines {
  readonly rule: string;
  /** One sentence about the rule. */
  readonly description: string;
  readonly url: string;
  readonly message: string;
}

/** Whether a step is taken from the cache, and why not. `unknown` is a dry run's: it depends on what a step makes. */
export interface CacheExplanation {
  readonly outcome: 'hit' | 'miss' | 'unknown';
  readonly reasons: readonly CacheReason[];
  /** When the layer of a hit was made. */
  readonly madeAt?: string;
}

/** By comparison with the last build of the same Dockerfile. `message` is a sentence without full stop. */
export type CacheReason =
  /** One of its inputs. Without `before` and `after` when only digests are known. */
  | {
      readonly kind: 'input';
      readonly input: 'base' | 'instruction' | 'arg' | 'env' | 'option' | 'file' | 'folder' | 'content';
      /** Of the variable, option, file (in its context or stage) or base image. */
      readonly name: string;
      readonly change: 'changed' | 'added' | 'removed';
      readonly before?: string;
      readonly after?: string;
      readonly message: string;
    }
  /** The step below, or one that it copies from or mounts, is made anew; `step` is its name. */
  | { readonly kind: 'follows'; readonly step: string; readonly message: string }
  /** `new`: not built before; `gone`: its result is not kept any more; `disabled`: as the user asked; `open`: only a build can tell. */
  | { readonly kind: 'new' | 'gone' | 'disabled' | 'open'; readonly message: string };

export interface BuildResult {
  /** Digest of the config; for several platforms that of the index, if one was written. */
  readonly imageId?: string;
  /** Of the manifest or index that was written to an archive. */
  readonly digest?: string;
  readonly tags: readonly string[];
  readonly steps: number;
  readonly cachedSteps: number;
  readonly milliseconds: number;
}

/** A question about a Dockerfile: nothing is built or pulled. */
export interface BuildCallParams
  extends Pick<
    BuildParams,
    | 'contextDirectory'
    | 'remoteContext'
    | 'dockerfile'
    | 'dockerfileText'
    | 'target'
    | 'buildArgs'
    | 'platforms'
    | 'contexts'
  > {
  /** `check`: the build checks; `outline`: what the target can be built with; `targets`: the stages. */
  readonly method: BuildCallResult['method'];
}

/** With the text that the lines, which are 1-based, are of. Lists are in the order of the file. */
export type BuildCallResult = { readonly dockerfileText: string } & (
  | BuildCheckResult
  | BuildOutlineResult
  | BuildTargetsResult
);

interface AtLines {
  readonly line: number;
  readonly endLine: number;
}

export interface BuildCheckResult {
  readonly method: 'check';
  readonly warnings: readonly BuildFinding[];
  /** What a build would fail with; without lines when it is about the whole file. */
  readonly error?: { readonly message: string } & Partial<AtLines>;
}

export interface BuildOutlineResult {
  readonly method: 'outline';
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly args: readonly (AtLines & {
    readonly name: string;
    readonly description?: string | undefined;
    readonly value?: string | undefined;
  })[];
  readonly secrets: readonly (AtLines & { readonly name: string; readonly isRequired: boolean })[];
  readonly ssh: readonly (AtLines & { readonly name: string; readonly isRequired: boolean })[];
}

export interface BuildTargetsResult {
  readonly method: 'targets';
  readonly targets: readonly (AtLines & {
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly isDefault: boolean;
    /** As they are written. */
    readonly base: string;
    readonly platform?: string | undefined;
  })[];
}

export interface LogRecord {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface CopyParams {
  readonly container: string;
  readonly path: string;
  readonly hostPath: string;
  readonly isArchive?: boolean;
  /** Owners of the source; otherwise all belong to the user on the host, to root in the container. */
  readonly keepOwners?: boolean;
  /** What a link at the source names instead of the link. */
  readonly followLink?: boolean;
}

/** Counters since its start, and what it holds now; all zero for a container that does not run. */
export interface ContainerUsage {
  readonly id: string;
  readonly name: string;
  /** Milliseconds of a clock that never goes back: two samples tell a rate. */
  readonly at: number;
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
  /** Its limit, or the memory of the machine. */
  readonly memoryLimit: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Processes and threads. */
  readonly tasks: number;
}

/** Whose files: of a container (name or id), an image (name or id), the file system up to a layer (chainID), a volume (name). */
export interface FilePlace {
  readonly kind: 'container' | 'image' | 'layer' | 'volume';
  readonly id: string;
}

export type FileType = 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

export interface FileInfo {
  /** Absolute in its place. */
  readonly path: string;
  readonly type: FileType;
  /** Of a symbolic link: where it leads, and what is there; absent when nothing is. */
  readonly linkTarget?: string;
  readonly targetType?: FileType;
  /** Of a symbolic link that of what it leads to. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

/** Docker's letters: added, changed, deleted. Paths are absolute in the rootfs. */
export interface FileDifference {
  readonly kind: 'A' | 'C' | 'D';
  readonly path: string;
}

export interface ExecParams {
  readonly container: string;
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

export interface PullProgress {
  readonly id: string;
  readonly status: 'waiting' | 'downloading' | 'verifying' | 'extracting' | 'exists' | 'done';
  readonly current?: number;
  readonly total?: number;
}

/** Something that happened to an object, in docker's words. */
export interface StoreEvent {
  readonly type: 'container' | 'image' | 'volume' | 'network';
  readonly action: string;
  /** Id of a container or network, name of a volume, id or reference of an image. */
  readonly id: string;
  readonly attributes: { readonly [name: string]: string };
  /** Nanoseconds since 1970, decimal: more than a JavaScript number holds. */
  readonly timeNano: string;
}

export interface EventParams {
  /** Of the answer before; absent: from `since` on, or from now on. */
  readonly cursor?: string;
  /** RFC 3339, a date, unix seconds, or a Go duration back. */
  readonly since?: string;
  /** Absent: there is no end. */
  readonly until?: string;
  /** By key, docker's; several values are alternatives (labels: all must hold). */
  readonly filters?: { readonly [key: string]: readonly string[] };
}

export interface PushProgress {
  /** Short diffID of the layer. */
  readonly id: string;
  readonly status: 'preparing' | 'pushing' | 'pushed' | 'exists' | 'mounted';
  /** The repository that the registry took it over from. */
  readonly from?: string;
  readonly current?: number;
  readonly total?: number;
}

export interface PushedImage {
  /** Familiar, with the tag. */
  readonly reference: string;
  /** Of the manifest. */
  readonly digest: string;
  /** Of the manifest, bytes. */
  readonly size: number;
}

/** An object that is there but cannot be read: a list shows the others and names it once. */
export interface DamagedObject {
  /** `reference`: a name whose image is not known any more. */
  readonly kind: 'container' | 'image' | 'reference' | 'volume' | 'network';
  /** What the request that removes it takes. */
  readonly id: string;
  /** What is damaged, and why it cannot be read. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

export type ObjectKind = 'image' | 'container' | 'volume' | 'network';

/** Whether findings about the shell in Dockerfiles come from ShellCheck. */
export type ShellcheckState =
  /** `path` is the program. */
  | { readonly state: 'ready'; readonly path: string }
  /** `path` is what settings name; empty for `shellcheck` on PATH. */
  | { readonly state: 'missing'; readonly path: string }
  /** `message` is a sentence that says why. */
  | { readonly state: 'failed'; readonly message: string }
  /** Switched off, or the workspace is not trusted. */
  | { readonly state: 'off' };
