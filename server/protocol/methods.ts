import type {
  BuildCallParams,
  BuildCallResult,
  BuildEvent,
  BuildParams,
  BuildResult,
  CacheEntry,
  ContainerInfo,
  ContainerOptions,
  ContainerUsage,
  CopyParams,
  DamagedObject,
  DiskUsage,
  EngineInfo,
  EventParams,
  ExecParams,
  FileDifference,
  FileInfo,
  FilePlace,
  ImageDetail,
  ImageSummary,
  Limits,
  LogRecord,
  NetworkInfo,
  ObjectKind,
  PullProgress,
  PushedImage,
  PushProgress,
  RestartPolicy,
  ShellcheckState,
  StoreEvent,
  VolumeInfo,
} from './types.ts';

/** Every list tells of its kind what is there but cannot be read. */
interface Damaged {
  readonly damaged: readonly DamagedObject[];
}

/** Requests: method to params and result. Every one can be cancelled. `null` params are sent as `{}`. */
export interface Requests {
  /** First of all; others are refused before it. Refused with `version-mismatch` when the versions differ. */
  'sampan/hello': [{ protocol: number; client: string }, { protocol: number; version: string }];
  'sampan/engine/info': [Record<string, never>, EngineInfo];
  /** Pull-based: waits for at least one event, or for the end. */
  'sampan/engine/events': [EventParams, { events: readonly StoreEvent[]; cursor: string; end: boolean }];
  'sampan/engine/usage': [Record<string, never>, DiskUsage];
  'sampan/image/list': [Record<string, never>, { images: readonly ImageSummary[] } & Damaged];
  'sampan/image/inspect': [{ image: string }, ImageDetail];
  /** Progress by `sampan/pull/progress` when a token is given. */
  'sampan/image/pull': [{ reference: string; platform?: string; token?: string }, ImageSummary];
  /** Under the tag of `reference`, or with `all` under all tags of its repository. Progress by `sampan/push/progress`. */
  'sampan/image/push': [
    { reference: string; all?: boolean; platform?: string; token?: string },
    { pushed: readonly PushedImage[] },
  ];
  /** Tried first, then kept where docker keeps it. Without a registry it is for Docker Hub. */
  'sampan/registry/login': [
    { registry?: string; username: string; password: string },
    { plainFile?: string; shadowedBy?: string },
  ];
  'sampan/registry/logout': [{ registry?: string }, { registry: string; wasLoggedIn: boolean }];
  'sampan/image/load': [{ path: string }, { images: readonly ImageSummary[] }];
  'sampan/image/save': [
    { images: readonly string[]; path: string; format: 'docker-archive' | 'oci-archive' },
    Record<string, never>,
  ];
  'sampan/image/import': [
    {
      path: string;
      tags: readonly string[];
      message?: string;
      changes?: readonly string[];
      platform?: string;
    },
    ImageSummary,
  ];
  'sampan/image/tag': [{ image: string; reference: string }, Record<string, never>];
  /** The image stays, also without any tag. */
  'sampan/image/untag': [{ reference: string }, Record<string, never>];
  'sampan/image/remove': [
    { image: string; force: boolean },
    { untagged: readonly string[]; deleted: readonly string[] },
  ];
  'sampan/build': [BuildParams, BuildResult];
  'sampan/build/call': [BuildCallParams, BuildCallResult];
  /**
   * A shell (or `args`) in the place of a RUN that failed: the files right before it, its user, variables and mounts.
   * Attach to the socket; what the shell changes is thrown away.
   */
  'sampan/build/shell': [
    {
      failedStep: string;
      args?: readonly string[];
      tty: boolean;
      ttySize?: { rows: number; columns: number };
    },
    { attachSocket: string },
  ];
  /** Ends the shells of a failed step, which is not kept any more; all are forgotten when the server ends. */
  'sampan/build/forget': [{ failedStep: string }, Record<string, never>];
  /** With `all` also steps that images have. `keepBytes`: the entries used last, up to that size together, stay. */
  'sampan/cache/prune': [
    { all: boolean; unusedSeconds?: number; keepBytes?: number },
    { entries: readonly CacheEntry[]; bytes: number },
  ];
  'sampan/container/list': [{ all: boolean }, { containers: readonly ContainerInfo[] } & Damaged];
  'sampan/container/inspect': [{ container: string }, ContainerInfo];
  'sampan/container/create': [
    { options: ContainerOptions; pull?: 'missing' | 'always' | 'never'; platform?: string; token?: string },
    ContainerInfo,
  ];
  'sampan/container/start': [
    { container: string; waitForAttach?: boolean; ttySize?: { rows: number; columns: number } },
    { container: ContainerInfo; attachSocket: string },
  ];
  /** Start what docker's daemon would start after a reboot; `failed` are sentences. */
  'sampan/container/startByPolicy': [
    Record<string, never>,
    { started: readonly string[]; failed: readonly string[] },
  ];
  /** Limits and restart policy, at once when it runs; what is absent stays. */
  'sampan/container/update': [
    { container: string; limits?: Limits; restart?: RestartPolicy },
    { warnings: readonly string[] },
  ];
  'sampan/container/stop': [
    { container: string; timeoutSeconds?: number; signal?: string },
    Record<string, never>,
  ];
  'sampan/container/restart': [{ container: string; timeoutSeconds?: number }, Record<string, never>];
  'sampan/container/kill': [{ container: string; signal: string }, Record<string, never>];
  'sampan/container/pause': [{ container: string }, Record<string, never>];
  'sampan/container/unpause': [{ container: string }, Record<string, never>];
  'sampan/container/remove': [
    { container: string; force?: boolean; volumes?: boolean },
    Record<string, never>,
  ];
  'sampan/container/rename': [{ container: string; name: string }, Record<string, never>];
  'sampan/container/wait': [
    { container: string; condition?: 'not-running' | 'removed' },
    { exitCode: number },
  ];
  /** Of these containers, or of all (those that run, unless `all`). */
  'sampan/container/usage': [
    { containers?: readonly string[]; all: boolean },
    { usage: readonly ContainerUsage[] },
  ];
  'sampan/container/exec': [ExecParams, { attachSocket: string }];
  'sampan/container/attach': [{ container: string }, { attachSocket: string }];
  /** Pull-based: the answer holds at most `maxBytes`; with `follow` it waits for one record or the end. */
  'sampan/container/log': [
    {
      container: string;
      cursor?: string;
      tail?: number;
      since?: string;
      until?: string;
      follow: boolean;
      maxBytes: number;
    },
    { records: readonly LogRecord[]; cursor: string; end: boolean },
  ];
  'sampan/container/export': [{ container: string; path: string }, Record<string, never>];
  /**
   * docker's `cp`: `path` is in the container, `hostPath` absolute and as it was given (a `/` or `/.` at the end
   * counts); with `isArchive` a tar is written there, or read from there and unpacked into `path`.
   */
  'sampan/container/copyFrom': [CopyParams, Record<string, never>];
  'sampan/container/copyTo': [CopyParams, Record<string, never>];
  'sampan/container/commit': [
    {
      container: string;
      tags: readonly string[];
      author?: string;
      message?: string;
      changes?: readonly string[];
    },
    ImageSummary,
  ];
  'sampan/container/changes': [{ container: string }, { changes: readonly FileDifference[] }];
  /** What a layer (chainID) changed of the one below it. */
  'sampan/layer/changes': [{ layer: string }, { changes: readonly FileDifference[]; below?: string }];
  /**
   * Files of containers (running or not), images, layers and volumes; paths are resolved inside. Errors carry the
   * kernel's `errno` in their detail: ENOENT, EEXIST, ENOTDIR, EISDIR, EROFS, ENOTEMPTY.
   */
  'sampan/file/stat': [{ place: FilePlace; path: string }, FileInfo];
  'sampan/file/list': [{ place: FilePlace; path: string }, { files: readonly FileInfo[] }];
  /** Base64. Refused for what is longer than `maxBytes`. */
  'sampan/file/read': [{ place: FilePlace; path: string; maxBytes: number }, { content: string }];
  /** Base64. `existing`: it may be there; `missing`: it may not. */
  'sampan/file/write': [
    { place: FilePlace; path: string; content: string; existing: boolean; missing: boolean },
    Record<string, never>,
  ];
  'sampan/file/makeDirectory': [{ place: FilePlace; path: string }, Record<string, never>];
  'sampan/file/remove': [{ place: FilePlace; path: string; recursive: boolean }, Record<string, never>];
  'sampan/file/rename': [
    { place: FilePlace; path: string; target: string; replace: boolean },
    Record<string, never>,
  ];
  'sampan/file/copy': [
    { place: FilePlace; path: string; target: string; replace: boolean },
    Record<string, never>,
  ];
  /** Answered when the file is gone; until then `sampan/file/didChange` with the token. Cancel it to end it. */
  'sampan/file/watch': [{ place: FilePlace; path: string; token: string }, Record<string, never>];
  'sampan/volume/list': [Record<string, never>, { volumes: readonly VolumeInfo[] } & Damaged];
  'sampan/volume/inspect': [{ volume: string }, VolumeInfo];
  'sampan/volume/create': [{ name?: string; labels?: { [name: string]: string } }, VolumeInfo];
  'sampan/volume/remove': [{ volume: string; force?: boolean }, Record<string, never>];
  /** A bridge network whose members know each other by name. */
  'sampan/network/create': [{ name: string; subnet?: string }, { id: string }];
  'sampan/network/remove': [{ network: string }, Record<string, never>];
  'sampan/network/list': [Record<string, never>, { networks: readonly NetworkInfo[] } & Damaged];
}

/** Notifications from the server. */
export interface Notifications {
  /** Something of these kinds changed, here, in another window or by the command line. Coalesced over 100 ms. */
  'sampan/didChange': { kinds: readonly ObjectKind[] };
  'sampan/build/event': { token: string; event: BuildEvent };
  /** `name` in the directory that is watched; empty: what is watched itself. */
  'sampan/file/didChange': { token: string; kind: 'created' | 'changed' | 'deleted'; name: string };
  'sampan/pull/progress': { token: string; progress: PullProgress };
  'sampan/push/progress': { token: string; progress: PushProgress };
  /** Said at the first Dockerfile with a script in it, and whenever it changes. */
  'sampan/shellcheck/state': ShellcheckState;
}

export type RequestMethod = keyof Requests;
export type RequestParams<M extends RequestMethod> = Requests[M][0];
export type RequestResult<M extends RequestMethod> = Requests[M][1];
export type NotificationMethod = keyof Notifications;
