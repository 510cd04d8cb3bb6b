import type { Digest } from '../../common/digest.ts';
import type { Platform } from '../../common/platform.ts';
import type { Mount } from '../../language/index.ts';
import type { ImageConfig, RunConfig } from '../image/types.ts';
import type { ChainId } from '../snapshot/types.ts';

/** A base image as the plan needs it: what the store knows of it. */
export interface BaseImage {
  readonly id: Digest;
  readonly config: ImageConfig;
  readonly chainId: ChainId | undefined;
}

/** What the Dockerfile is planned with, besides its text. */
export interface PlanInput {
  readonly target: string | undefined;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly platform: Platform;
  readonly hostPlatform: Platform;
  readonly network: 'default' | 'none' | 'host';
  /** `name:address` for /etc/hosts of each RUN; the address may be `host-gateway`. */
  readonly extraHosts?: readonly string[];
  /** Named contexts, by name in lower case. */
  readonly contexts?: ReadonlyMap<string, NamedContext>;
  /** Granted entitlements. */
  readonly allow?: ReadonlySet<string>;
  /** Stages, by name in lower case or by index, whose steps are made anew. */
  readonly noCacheStages?: ReadonlySet<string>;
  /** Base images that are known, by the key that `needs` gave. */
  readonly bases: ReadonlyMap<string, BaseImage>;
  /** Seconds since 1970 for everything that carries a time; from the build argument SOURCE_DATE_EPOCH. */
  readonly epochSeconds: number | undefined;
}

/** A folder (whose files are read when the plan is executed), or another name of an image. */
export type NamedContext =
  | { readonly kind: 'folder' }
  | { readonly kind: 'image'; readonly reference: string };

/** A base image that must be known before the plan can be made. */
export interface NeededBase {
  readonly key: string;
  /** Canonical, with tag or digest. */
  readonly reference: string;
  readonly platform: Platform;
  readonly lines: Lines;
}

/** 1-based lines of the Dockerfile. */
export interface Lines {
  readonly line: number;
  readonly endLine: number;
}

export type PlanResult =
  | { readonly plan: BuildPlan; readonly needs?: undefined }
  | { readonly needs: readonly NeededBase[]; readonly plan?: undefined };

/** Operations in an order in which each comes after its inputs, and the image that they make. */
export interface BuildPlan {
  readonly nodes: readonly PlanNode[];
  readonly image: PlannedImage;
  /** `network.host` and the like that instructions ask for, with their lines. */
  readonly platform: Platform;
}

export interface PlannedImage {
  /** Node whose rootfs the image has; undefined is an empty one. */
  readonly top: NodeId | undefined;
  readonly config: RunConfig;
  readonly author: string | undefined;
  readonly platform: Platform;
  readonly base: BaseImage | undefined;
  readonly history: readonly PlannedHistory[];
}

/** One instruction; without a node it made no layer. */
export interface PlannedHistory {
  readonly createdBy: string;
  readonly node: NodeId | undefined;
}

/** Index into `nodes`. */
export type NodeId = number;

interface NodeBase {
  readonly id: NodeId;
  /** As BuildKit shows it: `[build 2/5] RUN make`. */
  readonly name: string;
  readonly stage: string;
  readonly lines: Lines | undefined;
  /** Not to be taken from the cache. */
  readonly fresh: boolean;
  /** ARGs that it depends on, with their values: of a RUN all that are declared, else those in its text. */
  readonly variables: { readonly [name: string]: string };
}

/** An image that is there already. */
export interface ImageNode extends NodeBase {
  readonly kind: 'image';
  readonly base: BaseImage;
}

/** A rootfs to work on: a node's, or an empty one. */
export type RootfsInput = NodeId | undefined;

export interface ExecNode extends NodeBase {
  readonly kind: 'exec';
  readonly input: RootfsInput;
  readonly args: readonly string[];
  /** In order, without HOME and proxy variables. */
  readonly env: readonly string[];
  /** Proxy variables that were given as build arguments: in the environment, never in a cache key. */
  readonly proxyEnv: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly hostname: string;
  readonly network: 'default' | 'none' | 'host';
  /** `insecure`: with all capabilities, no seccomp filter and nothing of /proc hidden; granted by the user. */
  readonly security: 'sandbox' | 'insecure';
  /** `name:address` for /etc/hosts. */
  readonly extraHosts: readonly string[];
  readonly mounts: readonly PlannedMount[];
  /** `RUN <<EOF` with a `#!` line: files to be mounted read-only in /dev/pipes. */
  readonly scripts: readonly { readonly name: string; readonly content: string }[];
}

export interface PlannedMount {
  readonly mount: Mount;
  /** Absolute path in the rootfs. */
  readonly target: string;
  /** Where a bind mount or the first content of a cache mount comes from. */
  readonly from: MountSource;
}

export type MountSource =
  | { readonly kind: 'none' }
  | ContextSource
  | { readonly kind: 'rootfs'; readonly node: RootfsInput };

/** The build context, or a named one. */
export interface ContextSource {
  readonly kind: 'context';
  readonly name: string | undefined;
}

export interface CopyNode extends NodeBase {
  readonly kind: 'copy';
  readonly instruction: 'COPY' | 'ADD';
  readonly input: RootfsInput;
  readonly from: ContextSource | { readonly kind: 'rootfs'; readonly node: RootfsInput };
  readonly items: readonly CopyItem[];
  /** Absolute; a trailing slash says that it is a directory. */
  readonly destination: string;
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean;
  readonly unpack: boolean | undefined;
}

export type CopyItem =
  | { readonly kind: 'path'; readonly source: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'git'; readonly url: string }
  | { readonly kind: 'inline'; readonly name: string; readonly content: string };

/** WORKDIR: a directory owned by the stage's user. */
export interface MkdirNode extends NodeBase {
  readonly kind: 'mkdir';
  readonly input: RootfsInput;
  readonly path: string;
  readonly user: string;
  /** Time of the directory. */
  readonly epochSeconds: number | undefined;
}

export type PlanNode = ImageNode | ExecNode | CopyNode | MkdirNode;
