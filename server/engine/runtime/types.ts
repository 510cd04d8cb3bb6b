import type { Digest } from '../../common/digest.ts';

/**
 * What the rest of the engine knows of the native helper (`sampan-init`). Paths are absolute host paths
 * unless said otherwise; a *rootfs path* is absolute inside a rootfs and every component of it, links
 * included, is resolved inside that rootfs (openat2 RESOLVE_IN_ROOT).
 *
 * Everything that touches files of an image, a container or a volume goes through a {@link FsSession},
 * because rootless those files belong to sub-ids that this process can neither read nor delete.
 */
export interface Runtime {
  /** How this host isolates. Read once when the holder starts. */
  readonly host: () => Promise<HostIsolation>;
  /** A worker inside the holder's namespaces. Sessions run in parallel; one session runs one request at a time. */
  openFs(): Promise<FsSession>;
  /** Start a monitor for one container (or build step) and wait until its process is ready to exec or has failed. */
  startContainer(spec: MonitorSpec): Promise<StartedContainer>;
  /**
   * The same while all is still being found out: a process for the monitor is made at once, namespaces and cgroups once
   * the place is known, and the interface once the network is. When one of the three rejects, what was made is undone
   * first, and the reason of the first of them is thrown.
   */
  beginContainer(parts: ContainerParts): Promise<StartedContainer>;
  /** Run one more process inside a running container. */
  startExec(spec: ExecSpec): Promise<StartedExec>;
  /** Signal a container's main process, or freeze, thaw or kill all of it. Identity is checked (pid and start time). */
  signal(target: ProcessIdentity, signal: number): Promise<void>;
  /** Create or find the bridge of a network in the namespace that containers are attached in; idempotent. */
  ensureNetwork(network: NetworkSpec): Promise<NetworkState>;
  /** Remove a bridge and its rules. */
  removeNetwork(name: string): Promise<void>;
  /** Compile a seccomp profile for x86-64 with x86 and x32, or for arm64 with arm. */
  compileSeccomp(rules: SeccompRules): Promise<SeccompFilter>;
  /** Build id of the installed helper, in hex: what {@link SeccompFilter.compiler} is once its holder is running. */
  helperBuildId(): Promise<string>;
  close(): Promise<void>;
}

export interface HostIsolation {
  readonly rootless: boolean;
  /** How ids map: root itself, a sub-id range through newuidmap, or a single id. */
  readonly idMap: 'root' | 'range' | 'single';
  /** Number of ids that exist inside, from 0. 1 for `single`. */
  readonly idCount: number;
  readonly overlay: boolean;
  /** Sentences for the user about what will not work here, each with what to do. */
  readonly warnings: readonly string[];
  /** The way out of the private network: `direct` as root, else the program, or none. */
  readonly egress: 'direct' | 'pasta' | 'slirp4netns' | 'none';
}

/** A pid that cannot be mistaken after the number is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, clock ticks since boot (proc(5)). */
  readonly startTime: string;
  readonly bootId: string;
}

/** Layers of a rootfs in overlay form, topmost first, as in overlayfs' lowerdir. */
export interface RootfsLayers {
  readonly lowers: readonly string[];
  /** Absent for a read-only view. */
  readonly upper?: string;
  readonly work?: string;
}

// ---------------------------------------------------------------- file system work

export interface FsSession {
  /** Unpack a plain tar change set (OCI image-spec layer.md) into an empty directory, in overlay form (whiteouts as 0:0 devices, opaque xattr). The directory keeps its mode when the tar has no `./`. */
  applyLayer(directory: string, tar: AsyncIterable<Uint8Array>): Promise<LayerInfo>;
  /**
   * The change set held by an upper directory as a deterministic tar: diffID and sizes, and the bytes when a sink is
   * given. Several directories, topmost first, are one change set as overlayfs merges them.
   */
  diffLayer(
    upper: string | readonly string[],
    options?: { readonly sink?: ByteSink } & TimeBounds,
  ): Promise<LayerInfo>;
  /** Unpack a plain tar into a directory of the host: no whiteout meaning, members confined to it, what is there and not in the tar stays. */
  fillDirectory(directory: string, tar: AsyncIterable<Uint8Array>, owner: Owner): Promise<void>;
  /** Mount a rootfs in this session only. Unmounted by `unmount` or when the session ends. */
  mount(layers: RootfsLayers): Promise<MountedRootfs>;
  /** A directory of the host as if it were a rootfs. */
  openDirectory(path: string): Promise<MountedRootfs>;
  /** The root of a process as it sees it, mounts included. `not-found` when it has ended. */
  openProcess(process: ProcessIdentity): Promise<MountedRootfs>;
  /** Create a directory (and parents) owned by id 0 inside, mode 0700 unless given. */
  makeDirectory(path: string, mode?: number): Promise<void>;
  /** Remove trees; missing ones are fine. Never follows a link. */
  removeTree(paths: readonly string[]): Promise<void>;
  /** Copy a tree with owners, modes, times, xattrs and hard links, for volumes and the copying fallback. */
  copyTree(source: string, target: string): Promise<void>;
  /** All of the file system that holds `directory` goes to the disk (syncfs(2)): once before a commit, not per file. */
  sync(directory: string): Promise<void>;
  /** Bytes held by trees, hard links counted once. */
  measure(paths: readonly string[]): Promise<number>;
  /**
   * What changed in an upper directory, or several as in {@link diffLayer}, against its lowers, docker's A/C/D. Paths
   * are rootfs paths.
   */
  changes(
    layers: Omit<RootfsLayers, 'upper'> & { readonly upper?: string | readonly string[] },
  ): Promise<readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[]>;
  close(): Promise<void>;
}

/** Whole seconds since 1970: modification times outside are written as the nearer bound. */
export interface TimeBounds {
  readonly earliest?: number;
  readonly latest?: number;
}

/** For all members of an archive; absent: each its own. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Bytes to somewhere; the promise is the back pressure. */
export type ByteSink = (chunk: Uint8Array) => Promise<void> | void;

export interface LayerInfo {
  /** sha256 of the uncompressed tar. */
  readonly diffId: Digest;
  /** Length of the uncompressed tar, bytes. */
  readonly tarSize: number;
  /** Sum of the sizes of regular files, bytes; what `images` shows. */
  readonly contentSize: number;
  /** Entries in the change set; 0 means that nothing changed. */
  readonly entries: number;
  /** What of the layer could not be made here (device nodes without root), in sentences. */
  readonly warnings?: readonly string[];
}

export interface MountedRootfs {
  /** undefined when there is no such file; throws `image-invalid` when it is not a regular file or longer than `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  stat(path: string, options?: { followLast?: boolean }): Promise<EntryInfo | undefined>;
  /** The tree below `path` (a directory: its children, depth first, sorted by byte order; a file: itself). Links are not followed below the top. */
  walk(
    path: string,
    options: { readonly hash: boolean; readonly recursive: boolean },
  ): AsyncIterable<EntryInfo>;
  /** `mkdir -p` inside; only created directories get mode and owner. Returns the directories that were created. */
  makeDirectory(
    path: string,
    options: { readonly mode: number; readonly uid: number; readonly gid: number },
  ): Promise<readonly string[]>;
  /** Remove entries with all below them; missing ones are fine. Links in the parents are followed inside the rootfs. */
  removeAll(paths: readonly string[]): Promise<void>;
  /** Put files into the rootfs, in order. `sourceRoot` is a host directory or another mounted rootfs. */
  copy(sourceRoot: string | MountedRootfs | undefined, entries: readonly CopyEntry[]): Promise<void>;
  /** Unpack a tar (plain bytes) below a rootfs directory, as ADD does: no whiteout meaning, members confined to `path`. */
  extract(path: string, tar: AsyncIterable<Uint8Array>, owner: Owner): Promise<void>;
  /** The merged root as one flat tar (container export, import, `--output type=tar`). */
  exportTar(sink: ByteSink, times?: TimeBounds): Promise<void>;
  /** A tar of one path below it, its top called `as` if given; of what a directory holds for a path that ends in `/.`. */
  archive(path: string, options: { readonly sink: ByteSink; readonly as?: string }): Promise<void>;
  /**
   * Copy the content of a rootfs directory into an existing host directory, as `copyTree` does, and give that
   * directory the owner and mode of the source: how a new volume is filled. False when `path` is no directory.
   */
  copyOut(path: string, target: string): Promise<boolean>;
  /**
   * Write a regular file in place: owner, mode and hard links of one that is there stay, links to it are followed. A new
   * one belongs to the owner of its directory. `existing` and `missing`: it may be there, it may not.
   */
  writeFile(
    path: string,
    options: {
      readonly content: Uint8Array;
      readonly mode: number;
      readonly existing: boolean;
      readonly missing: boolean;
    },
  ): Promise<void>;
  /** Remove a file, or a directory: an empty one unless `recursive`. A link is removed, not what it names. */
  remove(path: string, options: { readonly recursive: boolean }): Promise<void>;
  /** rename(2): `conflict` (EEXIST) for a target that is there, unless it may be replaced; EXDEV between file systems. */
  rename(path: string, options: { readonly target: string; readonly replace: boolean }): Promise<void>;
  /**
   * Tells what happens to a file, or in a directory, until it is gone. From then on the session is for this alone: its
   * mounts are let go, and closing it ends the watch (`helper-lost`).
   */
  watch(path: string, onChange: (change: FileChange) => void): Promise<void>;
  unmount(): Promise<void>;
}

/** `name` in the directory that is watched; empty: the path itself. `ready` comes once, first; `unmounted` last, with the file system. */
export interface FileChange {
  readonly kind: 'ready' | 'created' | 'changed' | 'deleted' | 'unmounted';
  readonly name: string;
}

/** A path below a root that a session can read and write. */
export interface Place {
  readonly rootfs: MountedRootfs;
  readonly path: string;
}

export type EntryType = 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

export interface EntryInfo {
  /** Rootfs path, absolute, clean. Bytes that are not UTF-8 are kept by latin1-free escaping: see `rawPath`. */
  readonly path: string;
  /** Present only when the path is not valid UTF-8. */
  readonly rawPath?: Uint8Array;
  readonly type: EntryType;
  /** Permission bits with set-id and sticky, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly linkTarget?: string;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
  /** dev:ino when the link count is above one, to find hard links. */
  readonly inode?: string;
  /** Extended attributes, hex values; security.capability and user.* only. */
  readonly xattrs?: { readonly [name: string]: string };
  /** sha256 of the content, regular files, when asked for. */
  readonly sha256?: string;
}

/** One thing to put into a rootfs. */
export interface CopyEntry {
  readonly type: EntryType;
  /** Path below the source root; absent when `content` is given or nothing is read (directory to be made). */
  readonly source?: string;
  /** Instead of `source` when that is not valid UTF-8. */
  readonly rawSource?: Uint8Array;
  readonly content?: Uint8Array;
  /** Rootfs path of the result; parents exist or were entries before, links in the parents are followed inside the rootfs. */
  readonly target: string;
  /** Instead of `target` when that is not valid UTF-8. */
  readonly rawTarget?: Uint8Array;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Nanoseconds since 1970; absent: now. */
  readonly mtimeNs?: bigint;
  readonly linkTarget?: string;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
  readonly xattrs?: { readonly [name: string]: string };
  /** Entries of one copy with the same group become hard links. */
  readonly linkGroup?: number;
  /** A directory that exists: keep its mode and owner, or give it this entry's. Its time is this entry's if it has one. */
  readonly existing?: 'keep' | 'update';
}

// ---------------------------------------------------------------- containers

/** A container in the parts in which it is found out. */
export interface ContainerParts {
  readonly place: ContainerPlace | Promise<ContainerPlace>;
  /** Of a place that is on a bridge. */
  readonly network: Promise<ContainerNetwork | undefined>;
  readonly content: Promise<ContainerContent>;
}

/** What namespaces, cgroups and streams of a container need; policy is decided already, as in all that a monitor gets. */
export interface ContainerPlace {
  readonly id: string;
  /** Durable folder of the container: the monitor writes `log`, `state.json` there (tmp, fsync, rename). */
  readonly directory: string;
  /** Runtime folder: `attach.sock`. */
  readonly runDirectory: string;
  readonly namespaces: NamespaceChoice;
  /** cgroup directories to create, fill and remove, in order; the first process enters all of them before exec. */
  readonly cgroups: readonly CgroupSpec[];
  /** It gets an interface on the bridge of a network, which follows. */
  readonly onBridge: boolean;
  readonly ports: readonly PublishedPort[];
  readonly tty: boolean;
  readonly oomScoreAdj?: number | undefined;
  /** The helper's own tiny init as pid 1. */
  readonly init: boolean;
  /** Keep stdin open for attachers. */
  readonly openStdin: boolean;
  /** Close stdin when the first attacher that wrote to it leaves. */
  readonly stdinOnce: boolean;
  /** Do not exec before the first attacher connected (or 30 s passed). */
  readonly waitForAttach: boolean;
  /** A command that the monitor runs in it again and again. */
  readonly health?: HealthCheckSpec | undefined;
  /** `always`, `unless-stopped`, `on-failure[:n]`: the monitor runs it again. Absent: it does not. */
  readonly restart?: string | undefined;
  /** Where start and end are told; absent: nowhere (build steps). */
  readonly events?: EventSource | undefined;
  /** json-file log written by the monitor; undefined: none (build steps read by attach). */
  readonly log: { readonly maxBytes: number; readonly maxFiles: number } | undefined;
}

/** What runs in that place: a file tree and a process. */
export interface ContainerContent {
  readonly rootfs: RootfsLayers;
  readonly readOnlyRootfs: boolean;
  readonly process: ProcessSpec;
  readonly hostname: string;
  /** Mounts below the rootfs, in order. /proc, /sys, /dev, /dev/pts, /dev/shm, /dev/mqueue and the cgroup mount are the helper's own. */
  readonly mounts: readonly MountSpec[];
  readonly maskedPaths: readonly string[];
  readonly readOnlyPaths: readonly string[];
  readonly shmSize: number;
  readonly sysctls: { readonly [name: string]: string };
  /** On its network, with the length of its prefix. */
  readonly address?: string | undefined;
  /** Where its default route leads. */
  readonly gateway?: string | undefined;
  /** Host files that are written in place, 0644, before anything is mounted. */
  readonly files?: readonly { readonly path: string; readonly content: string }[];
  /** Text of `run.json` in the runtime folder, which is there before the process is. */
  readonly runRecord?: string | undefined;
  /** Compiled filter file (struct sock_filter[]), or undefined for unconfined. */
  readonly seccompFilter: string | undefined;
}

/** All of a container at once. */
export type MonitorSpec = Omit<ContainerPlace, 'tty' | 'oomScoreAdj' | 'onBridge'> &
  Omit<ContainerContent, 'gateway'> & { readonly network: ContainerNetwork | undefined };

export interface ProcessSpec {
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** Created with parents, root 0755, when missing. */
  readonly createCwd: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly tty: boolean;
  readonly ttySize?: { readonly rows: number; readonly columns: number };
  /** Capability numbers (capabilities(7)) for bounding, permitted and effective. */
  readonly capabilities: readonly number[];
  readonly noNewPrivileges: boolean;
  readonly rlimits: readonly { readonly resource: number; readonly soft: string; readonly hard: string }[];
  readonly oomScoreAdj?: number;
}

/** `private`: a new one; `host`: the holder's; otherwise that of a running process. User and mount namespaces are always private. */
export interface NamespaceChoice {
  readonly pid: 'private' | 'host' | ProcessIdentity;
  readonly ipc: 'private' | 'host' | ProcessIdentity;
  readonly uts: 'private' | 'host';
  readonly network: 'private' | 'host' | ProcessIdentity;
  readonly cgroup: 'private' | 'host';
}

export interface MountSpec {
  readonly kind: 'bind' | 'tmpfs';
  /** Host path (bind). */
  readonly source?: string;
  /** Rootfs path; created when missing, as a file when the source is a file. */
  readonly target: string;
  readonly readOnly: boolean;
  /** tmpfs data (`size=…,mode=…`), or propagation for a bind (`rprivate`, `rslave`, …). */
  readonly options: readonly string[];
}

export interface CgroupSpec {
  /** Absolute path of the group below a mounted hierarchy. */
  readonly path: string;
  /** File name to value, written in order before the process enters. */
  readonly writes: readonly { readonly file: string; readonly value: string; readonly optional?: boolean }[];
  readonly enter: boolean;
}

/** Times in milliseconds, all but `startPeriod` above 0. */
export interface HealthCheckSpec {
  readonly args: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  /** Failures in this time after the start do not count until the first success. */
  readonly startPeriod: number;
  /** Between checks in the start period. */
  readonly startInterval: number;
  readonly retries: number;
}

/** Whose events a monitor or exec session tells, and where: see engine/journal. */
export interface EventSource {
  /** The journal's folder. */
  readonly journal: string;
  /** Image, name and labels of the container. */
  readonly actor: { readonly [name: string]: string };
}

export interface NetworkSpec {
  readonly name: string;
  /** Interface name, at most 15 bytes. */
  readonly bridge: string;
  /** First address with prefix length, e.g. 10.88.0.1/16. */
  readonly gateway: string;
  readonly subnet: string;
}

export interface NetworkState {
  readonly egress: HostIsolation['egress'];
  readonly warnings: readonly string[];
}

export interface ContainerNetwork {
  readonly bridge: string;
  /** The network's range: the monitor brings the bridge up. Absent: the bridge is up. */
  readonly subnet?: string;
  readonly gateway: string;
  readonly mac: string;
}

export interface PublishedPort {
  readonly hostIp: string;
  /** 0: the monitor takes a free one and reports it. */
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

export interface StartedContainer {
  readonly monitor: ProcessIdentity;
  /** The main process as this host sees it. */
  readonly process: ProcessIdentity;
  /** Path of the attach socket; frames as in `server/protocol/attach.ts`. */
  readonly attachSocket: string;
  readonly ports: readonly PublishedPort[];
  readonly warnings: readonly string[];
}

export interface ExecSpec {
  readonly container: ProcessIdentity;
  readonly runDirectory: string;
  /** Short unique name; the attach socket is `<runDirectory>/<name>.sock`. */
  readonly name: string;
  readonly process: ProcessSpec;
  readonly openStdin: boolean;
  readonly waitForAttach: boolean;
  readonly cgroups: readonly string[];
  readonly seccompFilter: string | undefined;
  /** Where its end is told, with the container's folder and id. */
  readonly events?: (EventSource & { readonly directory: string; readonly id: string }) | undefined;
}

export interface StartedExec {
  readonly process: ProcessIdentity;
  readonly attachSocket: string;
}

/** `state.json`, written by the monitor alone. */
export type MonitorState =
  | {
      readonly status: 'running';
      readonly monitor: ProcessIdentity;
      readonly process: ProcessIdentity;
      readonly startedAt: string;
      readonly ports: readonly PublishedPort[];
      /** How often the monitor has run it again; absent: never. */
      readonly restartCount?: number;
    }
  | {
      /** It ended, and its monitor runs it again after a pause. */
      readonly status: 'restarting';
      readonly monitor: ProcessIdentity;
      readonly restartCount: number;
      readonly exitCode: number;
      readonly signal?: number;
      readonly oomKilled: boolean;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly error?: string;
    }
  | {
      readonly status: 'exited';
      readonly exitCode: number;
      readonly signal?: number;
      readonly oomKilled: boolean;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly error?: string;
      readonly restartCount?: number;
    };

/** A compiled profile. */
export interface SeccompFilter {
  /** BPF, `struct sock_filter[]`. */
  readonly bytes: Uint8Array;
  /** Build id of the helper that compiled it, and with it of its libseccomp. */
  readonly compiler: string;
}

/** A profile after policy: what to do for which syscalls. Argument comparisons as in libseccomp. */
export interface SeccompRules {
  /** `errno:<n>`, `allow`, `kill`, `log`, `trap`. */
  readonly defaultAction: string;
  readonly rules: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly args: readonly {
      readonly index: number;
      readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'masked-eq';
      readonly value: string;
      readonly valueTwo?: string;
    }[];
  }[];
}
