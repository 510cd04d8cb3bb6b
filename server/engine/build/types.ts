import type { Digest } from '../../common/digest.ts';
import type { RemoteAddress } from '../../common/remoteContext.ts';
import type { BlobPlace } from '../image/exchange/types.ts';
import type { ArchiveWriter, ExportOptions, Image } from '../image/types.ts';
import type { ByteSink } from '../runtime/types.ts';
import type { Explanation } from './explain/types.ts';

export interface BuildOptions {
  /** Context folder; undefined: an empty context. */
  readonly contextDirectory: string | undefined;
  /** Text of the Dockerfile and the path it came from (for messages and `<name>.dockerignore`). */
  readonly dockerfile: { readonly path: string; readonly text: string };
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
  /** Named contexts: a folder (absolute), `docker-image://reference`, or `oci-layout://folder[:tag][@digest]`. They win over stages and images of that name. */
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
  readonly cacheFrom?: readonly BlobPlace[];
  /** Where the cache of this build is written to as well. */
  readonly cacheTo?: readonly CacheTarget[];
  /** Put the keys of its steps into the image's config, so that the pushed image is a cache (`type=inline`). */
  readonly inlineCache?: boolean;
  /** Keep the state before a RUN that fails; the error says its id in `detail.failedStep`. See {@link Builder.openShell}. */
  readonly keepFailed?: boolean;
  /** Say what a build would take from the cache, by `explain` events; nothing is run, made, fetched or written, and `cacheFrom` is not asked. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: BuildEvent) => void;
}

export interface CacheTarget {
  readonly place: BlobPlace;
  /** For a place that is a folder. */
  readonly writer?: ArchiveWriter;
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
export type RemoteContext = RemoteAddress | { readonly kind: 'file'; readonly path: string };

export interface FetchedContext {
  /** In the store's temporary folder. */
  readonly directory: string;
  /** When the context was a Dockerfile and nothing else. */
  readonly dockerfileText: string | undefined;
  remove(): Promise<void>;
}

/** A step's layer, or the folder of a cache mount. */
export interface CacheEntry {
  readonly id: string;
  readonly kind: 'step' | 'mount';
  /** The step as BuildKit shows it. */
  readonly description: string;
  /** Of content. */
  readonly bytes: number;
  /** RFC 3339. */
  readonly usedAt: string;
  /** An image has the layer as well. */
  readonly isShared: boolean;
  /** Of a step. */
  readonly chainId?: Digest;
}

/** The socket of an SSH agent, or private keys without passphrase (absolute paths). With `raw` the socket may speak anything. */
export interface SshSource {
  readonly paths: readonly string[];
  readonly raw?: boolean;
}

/** A secret is the content of a file, or a value. */
export type SecretSource =
  | { readonly path: string; readonly value?: undefined }
  | { readonly value: string; readonly path?: undefined };

/** One step of the plan as the user sees it, e.g. `[build 2/5] RUN make`. */
export interface BuildStep {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  /** Ids of the steps whose files it works on. */
  readonly inputs: readonly string[];
  /** 1-based lines of the instruction in the Dockerfile; absent for work that no line asked for. */
  readonly line?: number;
  readonly endLine?: number;
}

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
  | ({ readonly kind: 'explain'; readonly step: string } & Explanation)
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
  | ({ readonly kind: 'warning' } & CallFinding);

/** Hands a sink to `produce` and keeps what it wrote if that ends well. */
export type ArchiveFile = (produce: (sink: ByteSink) => Promise<void>) => Promise<void>;

export type BuildOutput =
  /** An image in the store, with the tags of the build. */
  | { readonly kind: 'image' }
  /** The cache alone. */
  | { readonly kind: 'none' }
  /** The files of the rootfs, owned by the user: into a folder that exists, a folder for each platform if they are several. */
  | { readonly kind: 'folder'; readonly path: string; readonly splitPlatforms: boolean }
  /** The rootfs as one tar. */
  | { readonly kind: 'rootfs-archive'; readonly file: ArchiveFile }
  | ({
      readonly kind: 'image-archive';
      readonly to:
        | { readonly file: ArchiveFile }
        | { readonly writer: ArchiveWriter }
        | { readonly registry: true };
      /** Files that are younger than SOURCE_DATE_EPOCH get its time. */
      readonly rewriteTimestamps: boolean;
    } & Omit<ExportOptions, 'latest' | 'signal'>);

export interface BuildResult {
  /** Present when the image went into the store. */
  readonly image: Image | undefined;
  /** Of the config; for several platforms that of the index, if one was written. */
  readonly imageId: Digest | undefined;
  /** Of the manifest or index that was written to an archive. */
  readonly digest: Digest | undefined;
  readonly steps: number;
  readonly cachedSteps: number;
  readonly milliseconds: number;
}

/** A question about a Dockerfile. */
export interface CallOptions
  extends Pick<
    BuildOptions,
    'contextDirectory' | 'dockerfile' | 'target' | 'buildArgs' | 'platforms' | 'contexts'
  > {
  readonly method: CallResult['method'];
}

/** 1-based lines of the Dockerfile. */
interface AtLines {
  readonly line: number;
  readonly endLine: number;
}

export type CallResult = CheckResult | OutlineResult | TargetsResult;

export interface CheckResult {
  readonly method: 'check';
  readonly warnings: readonly CallFinding[];
  /** What a build would fail with; without lines when it is about the whole file. */
  readonly error?: { readonly message: string } & Partial<AtLines>;
}

export interface CallFinding extends AtLines {
  readonly rule: string;
  /** One sentence about the rule. */
  readonly description: string;
  readonly url: string;
  readonly message: string;
}

/** What a target can be built with, in the order of the file. */
export interface OutlineResult {
  readonly method: 'outline';
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly args: readonly (AtLines & {
    readonly name: string;
    readonly description?: string | undefined;
    readonly value?: string | undefined;
  })[];
  readonly secrets: readonly OutlineMount[];
  readonly ssh: readonly OutlineMount[];
}

export interface OutlineMount extends AtLines {
  readonly name: string;
  readonly isRequired: boolean;
}

/** The stages, in the order of the file. `base` and `platform` as they are written. */
export interface TargetsResult {
  readonly method: 'targets';
  readonly targets: readonly (AtLines & {
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly isDefault: boolean;
    readonly base: string;
    readonly platform?: string | undefined;
  })[];
}

/**
 * Builds an image from a Dockerfile. Throws `dockerfile-invalid` or `build-failed` with `detail.line`,
 * `detail.endLine`, and for a RUN `detail.exitCode` and `detail.output` (the last lines), `not-found` for a
 * missing base image or COPY source.
 */
export interface Builder {
  build(options: BuildOptions): Promise<BuildResult>;
  /** Runs a shell (or `args`) in the place of a RUN that failed. What it changes is thrown away. Throws `not-found`. */
  openShell(
    failedStep: string,
    options: {
      readonly args?: readonly string[] | undefined;
      readonly tty: boolean;
      readonly ttySize?: { readonly rows: number; readonly columns: number } | undefined;
    },
  ): Promise<{ readonly attachSocket: string }>;
  /** Ends the shells of a failed step, which is not kept any more. An unknown one is fine. */
  forget(failedStep: string): Promise<void>;
  /** Forgets all failed steps. */
  close(): Promise<void>;
  /** Answers a question about a Dockerfile; nothing is built or pulled. */
  call(options: CallOptions): Promise<CallResult>;
  /** A context that is no folder as one, for a build that follows. */
  fetchContext(remote: RemoteContext, options: { readonly signal: AbortSignal }): Promise<FetchedContext>;
}
