import type { Digest } from '../../common/digest.ts';
import type { Platform } from '../../common/platform.ts';
import type { ByteSink, FsSession } from '../runtime/types.ts';
import type { ChainId } from '../snapshot/types.ts';
import type { Survey } from '../store/damage.ts';
import type { BlobExchange } from './exchange/types.ts';

/** OCI image-spec config.md with docker's additions (docker/docker image spec v1.2: Healthcheck, OnBuild, Shell, ArgsEscaped). */
export interface ImageConfig {
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly config?: RunConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly HistoryEntry[];
}

export interface RunConfig {
  readonly User?: string;
  readonly ExposedPorts?: { readonly [port: string]: Record<string, never> };
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: { readonly [path: string]: Record<string, never> };
  readonly WorkingDir?: string;
  readonly Labels?: { readonly [name: string]: string };
  readonly StopSignal?: string;
  readonly Shell?: readonly string[];
  readonly OnBuild?: readonly string[];
  readonly Healthcheck?: Healthcheck;
}

/** Times in nanoseconds, as docker writes them. */
export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** OCI image-spec descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: { readonly [name: string]: string };
  readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string };
}

/** An image in the store. `id` is the digest of the config. */
export interface Image {
  readonly id: Digest;
  readonly config: ImageConfig;
  /** Canonical references (`docker.io/library/busybox:1`) in familiar order. */
  readonly tags: readonly string[];
  /** Canonical `name@digest` of manifests that a registry gave for it. */
  readonly repoDigests: readonly string[];
  /** chainID of the top layer; undefined for an image without layers. */
  readonly chainId: ChainId | undefined;
  /** Sum of the layers' content sizes, bytes. */
  readonly size: number;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** A user or group, with its uid or gid. */
export interface Account {
  readonly name: string;
  readonly id: number;
}

export interface ImageAccounts {
  readonly users: readonly Account[];
  readonly groups: readonly Account[];
}

/**
 * Images: configs and manifests in the blob store, references to them, layers in the snapshot store.
 * The tag is the last thing written and so the single visible act of a pull, load, build or commit.
 */
export interface ImageStore {
  /** Throws `store-corrupt` when one cannot be read. */
  list(): Promise<readonly Image[]>;
  /** To show: all images, and the images and names that cannot be read. */
  survey(): Promise<Survey<Image>>;
  /** By reference, id, or unique id prefix of at least 2 hex digits... exact references win. Throws `not-found`, or `invalid-argument` when ambiguous. */
  resolve(nameOrId: string): Promise<Image>;
  find(nameOrId: string): Promise<Image | undefined>;
  /** Its layers, bottom first; `size` is that of their regular files, absent for a layer that is missing. */
  layers(image: Image): Promise<readonly ImageLayer[]>;
  /** Record an image whose layers are all in the snapshot store (checked), then tag it. Config bytes are stored as given: the id is their sha256. */
  create(config: Uint8Array, options: { readonly tags: readonly string[] }): Promise<Image>;
  tag(image: Digest, reference: string): Promise<void>;
  /** Take a name from its image, which stays also without any. Throws `not-found`. */
  untag(reference: string): Promise<void>;
  /** Docker's rmi: by tag removes that tag; the image goes with its last one unless a container uses it. Returns what was done. */
  remove(
    nameOrId: string,
    options: { readonly force: boolean; readonly usedBy: (id: Digest) => Promise<readonly string[]> },
  ): Promise<{ readonly untagged: readonly string[]; readonly deleted: readonly Digest[] }>;
  /** The users and groups of an image's /etc/passwd and /etc/group. Throws `not-found`, `store-corrupt`, `image-invalid`. */
  accounts(image: Digest): Promise<ImageAccounts>;
  /** Fetch from a registry: manifest, config and missing layers, resumable, verified; then tag. */
  pull(reference: string, options: PullOptions): Promise<Image>;
  /**
   * Upload an image to the registry that its name says: under that tag, or with `all` under all the tags that the
   * repository has here. Layers that are there already are not sent. Throws `not-found` for a name that is not here.
   */
  push(
    reference: string,
    options: PushOptions & { readonly all?: boolean | undefined },
  ): Promise<readonly PushedImage[]>;
  /** Try a name and password at a registry and keep them for the user, docker's way. Throws `unauthorized`. */
  login(login: Login, signal: AbortSignal): Promise<LoggedIn>;
  logout(registry: string | undefined): Promise<LoggedOut>;
  readonly exchange: BlobExchange;
  /** The layers of an image in an OCI layout folder, for a build that stands on them. */
  unpackLayout(
    place: LayoutPlace,
    options: { readonly platform: Platform; readonly signal?: AbortSignal | undefined },
  ): Promise<UnnamedImage>;
  /** The tags that a repository (`busybox`, `host:5000/app`) has in its registry, at most some thousands. */
  registryTags(repository: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Read a docker archive or OCI layout (tar, plain or compressed, or a folder). `tags` are those that the archive gave. */
  load(
    path: string,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (message: string) => void },
  ): Promise<readonly Image[]>;
  /** Write images as one tar that is docker archive and OCI layout at once. */
  save(
    namesOrIds: readonly string[],
    sink: ByteSink,
    options: { readonly format: 'docker-archive' | 'oci-archive'; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Write images that a build made, as one archive; none of them need be in the store. */
  export(
    images: readonly BuiltImage[],
    options: ExportOptions & { readonly to: ArchiveTarget },
  ): Promise<ExportedImages>;
  /** A one-layer image from a rootfs tar. */
  import(
    tar: AsyncIterable<Uint8Array>,
    options: {
      readonly tags: readonly string[];
      readonly config?: RunConfig;
      readonly message?: string;
      readonly platform?: { readonly os: string; readonly architecture: string };
    },
  ): Promise<Image>;
  /** Layers and blobs that nothing needs and that are not young; of the layers `atOnce` also young ones. */
  collect(options?: {
    readonly atOnce?: readonly ChainId[];
  }): Promise<{ readonly bytes: number; readonly removed: number }>;
}

export interface ImageLayer {
  readonly diffId: Digest;
  readonly chainId: ChainId;
  readonly size?: number;
}

export interface Login {
  /** `host[:port]`, or an address with a scheme, as docker takes it; undefined for Docker Hub. */
  readonly registry?: string | undefined;
  readonly username: string;
  readonly password: string;
}

export interface LoggedIn {
  /** The file that has the password as anybody can read who can read the file; undefined when a helper keeps it. */
  readonly plainFile?: string | undefined;
  /** Another file that is asked first and knows the registry too. */
  readonly shadowedBy?: string | undefined;
}

export interface LoggedOut {
  readonly registry: string;
  readonly wasLoggedIn: boolean;
}

/** Takes one tar, or its members; or the registries that the names say take them. */
export type ArchiveTarget =
  | { readonly sink: ByteSink }
  | { readonly writer: ArchiveWriter }
  | { readonly registry: true };

/** Takes the members of an archive one after the other. */
export interface ArchiveWriter {
  directory(name: string): Promise<void>;
  file(name: string, content: Uint8Array): Promise<void>;
  /** A file whose size is known before its bytes. Throws `store-corrupt` when `produce` writes another number of bytes. */
  stream(
    file: { readonly name: string; readonly size: number },
    produce: (write: ByteSink) => Promise<void>,
  ): Promise<void>;
  end(): Promise<void>;
}

/** An image whose layers are in the store. */
export interface BuiltImage {
  /** The config document, byte for byte. */
  readonly config: Uint8Array;
  /** How many of its layers, from the bottom, are its base's. */
  readonly baseLayers: number;
}

export interface ExportedImages {
  /** Of the manifest, or of the index of several. */
  readonly digest: Digest;
  /** Of the config as it was written; of the index of several. */
  readonly imageId: Digest;
}

export interface ExportOptions {
  readonly format: 'docker-archive' | 'oci-archive';
  /** Canonical tags. */
  readonly names: readonly string[];
  /** For layers that have no blob yet, and for all with `forceCompression`. */
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly compressionLevel?: number;
  readonly forceCompression: boolean;
  readonly mediaTypes: 'oci' | 'docker';
  /** Seconds since 1970: files above the base that are younger are written with this time. */
  readonly latest?: number;
  readonly annotations: readonly Annotation[];
  readonly signal?: AbortSignal;
}

/** OCI image-spec annotations.md. Without a platform it is for the images of all. */
export interface Annotation {
  readonly level: 'manifest' | 'manifest-descriptor' | 'index' | 'index-descriptor';
  readonly platform?: string;
  readonly key: string;
  readonly value: string;
}

/** An image in the folder of an OCI layout. */
export interface LayoutPlace {
  /** Absolute. */
  readonly folder: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

/** An image whose layers are in the store, and that has no record there. */
export type UnnamedImage = Pick<Image, 'id' | 'config' | 'chainId'>;

export interface PullOptions {
  /** Only the digest of the manifest becomes a name: the tag stays what it is here. */
  readonly keepTag?: boolean;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Given a session to unpack with; the store opens its own otherwise. */
  readonly session?: FsSession;
}

export interface PushOptions {
  /** Throws `not-found` when the image is for another one. */
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PushProgress) => void) | undefined;
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
  /** Canonical, with the tag. */
  readonly reference: string;
  /** Of the manifest. */
  readonly digest: Digest;
  /** Of the manifest, bytes. */
  readonly size: number;
}

export interface PullProgress {
  /** Short digest of the layer, or the reference for messages about the whole. */
  readonly id: string;
  readonly status: 'waiting' | 'downloading' | 'verifying' | 'extracting' | 'exists' | 'done';
  readonly current?: number;
  readonly total?: number;
}
