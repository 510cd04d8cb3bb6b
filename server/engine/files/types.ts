import type { EntryType, FileChange } from '../runtime/types.ts';

/** Whose files: of a container (name or id), an image (name or id), the file system up to a layer (chainID), a volume (name). */
export interface FilePlace {
  readonly kind: 'container' | 'image' | 'layer' | 'volume';
  readonly id: string;
}

/** One file as it is told; paths are absolute in their place. */
export interface FileInfo {
  readonly path: string;
  readonly type: EntryType;
  /** Of a symbolic link: where it leads, and what is there; absent when nothing is. */
  readonly linkTarget?: string;
  readonly targetType?: EntryType;
  /** Bytes; of a symbolic link those of what it leads to. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

/**
 * The files of containers (running or not), images, layers and volumes. Every path is resolved inside its place: links and
 * `..` never lead out. Names that are not UTF-8 are left out of lists.
 *
 * All throw `not-found` (no such place or file), `invalid-argument` (EROFS: images and layers cannot be written) and
 * `conflict` (what is there is in the way), with the kernel's `errno` in the detail.
 */
export interface FileService {
  stat(place: FilePlace, path: string): Promise<FileInfo>;
  /** What is in a directory, in byte order of the names. */
  list(place: FilePlace, path: string): Promise<readonly FileInfo[]>;
  /** Throws `image-invalid` for what is no regular file or longer than `maxBytes`. */
  read(place: FilePlace, file: { readonly path: string; readonly maxBytes: number }): Promise<Uint8Array>;
  /** Written in place; a new file gets mode 0644 and the owner of its directory. */
  write(
    place: FilePlace,
    file: {
      readonly path: string;
      readonly content: Uint8Array;
      /** It may be there already. */
      readonly existing: boolean;
      /** It may be missing. */
      readonly missing: boolean;
    },
  ): Promise<void>;
  /** One directory, mode 0755, with the owner of the one that it is in. */
  makeDirectory(place: FilePlace, path: string): Promise<void>;
  remove(place: FilePlace, file: { readonly path: string; readonly recursive: boolean }): Promise<void>;
  /** Also from one mount of the container to another. */
  rename(place: FilePlace, move: FileMove): Promise<void>;
  /** With all that is in it, with owners, modes, times and hard links. */
  copy(place: FilePlace, move: FileMove): Promise<void>;
  /** What a layer (chainID) changed, docker's A/C/D; `below` is the layer that it stands on. */
  layerChanges(layer: string): Promise<{
    readonly changes: readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[];
    readonly below?: string;
  }>;
  /**
   * Tells what happens to a file, or to what is in a directory, until `signal` aborts or it is gone. The files of a
   * stopped container are watched once it runs, those of images and layers do not change.
   */
  watch(
    place: FilePlace,
    file: {
      readonly path: string;
      readonly onChange: (change: Pick<FileChange, 'name'> & { readonly kind: ChangeKind }) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<void>;
}

export type ChangeKind = Exclude<FileChange['kind'], 'ready' | 'unmounted'>;

export interface FileMove {
  readonly path: string;
  readonly target: string;
  /** What is at the target may go. */
  readonly replace: boolean;
}
