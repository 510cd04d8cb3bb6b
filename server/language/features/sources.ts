/**
 * What features know beside the file. Everything is what is known now: a source never waits, it begins to find out
 * what it is asked for and has it the next time.
 */
export interface FeatureSources {
  /** Images of the local store. */
  readonly images?: () => readonly LocalImage[];
  /** Tags of a repository, by its familiar name, as its registry lists them; `pending` while it is asked. */
  readonly tags?: (repository: string) => Known<readonly string[]>;
  /** The users and groups of an image of the local store, by its `id`; `pending` while its files are looked at. */
  readonly accounts?: (id: string) => Known<ImageAccounts>;
  /** What is in a folder of the build context, relative and with slashes, `''` for the context itself. */
  readonly folder?: (path: string) => Known<readonly FolderEntry[]>;
}

/** The value, `pending` while it is looked for, or undefined when there is none. */
export type Known<T> = T | 'pending' | undefined;

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
  /** Left out of the context by its ignore file. */
  readonly isIgnored: boolean;
}

/** A user or group, with its uid or gid. */
export interface Account {
  readonly name: string;
  readonly id: number;
}

/** What `/etc/passwd` and `/etc/group` of an image list, in their order. */
export interface ImageAccounts {
  readonly users: readonly Account[];
  readonly groups: readonly Account[];
}

/** An image of the local store. */
export interface LocalImage {
  /** Familiar references. */
  readonly names: readonly string[];
  /** Familiar `name@digest` that registries gave for it. */
  readonly digests: readonly string[];
  /** `sha256:…` of its config. */
  readonly id: string;
  /** `linux/amd64`. */
  readonly platform: string;
  /** Bytes of its layers. */
  readonly size: number;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly env: readonly string[];
  readonly user: string | undefined;
  readonly workdir: string | undefined;
  readonly ports: readonly string[];
  readonly hasShell: boolean;
  readonly onbuild: readonly string[];
}
