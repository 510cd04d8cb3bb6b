import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from './store/failure.ts';
import type { StorePaths } from './store/paths.ts';
import type { ObjectKind } from './types.ts';

/** Milliseconds in which changes are told as one. */
const coalesce = 100;

type Listener = (kinds: readonly ObjectKind[]) => void;

/** What of the file system is needed; Node's unless a test says otherwise. */
export interface WatchedFiles {
  readonly list: (folder: string) => Promise<readonly string[]>;
  readonly watch: (folder: string, changed: (name: string | null) => void) => FSWatcher;
}

export interface StoreEventsOptions {
  /** Hears, in a sentence, that changes of a folder are not seen; once for each reason. */
  readonly onBlind?: (message: string) => void;
  readonly files?: WatchedFiles;
}

const nodeFiles: WatchedFiles = {
  list: folder => readdir(folder),
  watch: (folder, changed) => watch(folder, { persistent: false }, (_, name) => changed(name)),
};

/** What to do about a watch that the kernel refuses (inotify(7), "/proc interfaces"). */
const remedies: { readonly [errno: string]: string | undefined } = {
  ENOSPC: 'Raise the limit of watches: sysctl fs.inotify.max_user_watches=524288',
  EMFILE: 'Raise the limit of watchers: sysctl fs.inotify.max_user_instances=512',
};

/**
 * Tells of changes to the store by whomever: every record appears by a rename into a folder that is watched,
 * and a container's state in its own. Nothing is watched while nobody listens.
 */
export class StoreEvents {
  readonly #folders: readonly (readonly [string, ObjectKind])[];
  readonly #containers: string;
  readonly #volumes: string;
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<ObjectKind>();
  readonly #files: WatchedFiles;
  readonly #onBlind: (message: string) => void;
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looked: Promise<void> = Promise.resolve();

  constructor(paths: StorePaths, { onBlind = () => {}, files = nodeFiles }: StoreEventsOptions = {}) {
    this.#files = files;
    this.#onBlind = onBlind;
    this.#containers = paths.containers;
    this.#volumes = paths.volumes;
    this.#folders = [
      [paths.images, 'image'],
      [paths.references, 'image'],
      [paths.containers, 'container'],
      [paths.volumes, 'volume'],
      [paths.networks, 'network'],
    ];
  }

  /** Returns the way to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.clear();
  }

  #open(): void {
    this.#watchFolders();
    void this.#watchMembers();
  }

  #watchFolders(): void {
    for (const [folder, kind] of this.#folders)
      this.#watch(folder, name => {
        // What has this name now may be another folder than the one that is watched.
        if (name !== null) this.#forget(join(folder, name));
        this.#notice(kind);
      });
  }

  /** One look after the other: an older one that ended last would close what a newer one has opened. */
  #watchMembers(): Promise<void> {
    this.#looked = this.#looked.then(() => this.#lookForMembers());
    return this.#looked;
  }

  /** A container's folder shows its start and end, a volume's its record. */
  async #lookForMembers(): Promise<void> {
    const [containers, volumes] = await Promise.all(
      [this.#containers, this.#volumes].map(async folder =>
        (await this.#files.list(folder).catch(() => [])).map(name => join(folder, name)),
      ),
    );
    const members = new Set([...(containers ?? []), ...(volumes ?? [])]);
    for (const path of this.#watchers.keys())
      if (this.#isMember(path) && !members.has(path)) this.#forget(path);
    for (const path of members) this.#watchMember(path);
  }

  #forget(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
  }

  #isMember(path: string): boolean {
    return path.startsWith(`${this.#containers}/`) || path.startsWith(`${this.#volumes}/`);
  }

  #watchMember(path: string): void {
    const kind = path.startsWith(`${this.#containers}/`) ? 'container' : 'volume';
    this.#watch(path, name => {
      // Records only: the log beside them is written all the time.
      if (name === null || name.endsWith('.json') || name.startsWith('removing')) this.#notice(kind);
    });
  }

  #watch(path: string, changed: (name: string | null) => void): void {
    if (this.#watchers.has(path) || this.#listeners.size === 0) return;
    try {
      const watcher = this.#files.watch(path, changed);
      watcher.on('error', error => {
        // The next look opens it again.
        if (this.#watchers.get(path) === watcher) this.#forget(path);
        this.#tellBlind(path, error);
      });
      this.#watchers.set(path, watcher);
    } catch (error) {
      this.#tellBlind(path, error);
    }
  }

  #tellBlind(path: string, error: unknown): void {
    // Gone between the listing and now: its parent tells.
    if (hasErrno(error, 'ENOENT')) return;
    const errno = String((error as NodeJS.ErrnoException).code);
    if (this.#told.has(errno)) return;
    this.#told.add(errno);
    const why = error instanceof Error ? error.message : String(error);
    const remedy = remedies[errno] ?? 'Views show what happened there when they are refreshed.';
    this.#onBlind(`Changes in ${path} are not seen: ${why}. ${remedy}`);
  }

  #notice(kind: ObjectKind): void {
    this.#changed.add(kind);
    this.#timer ??= setTimeout(() => void this.#tell(), coalesce);
  }

  async #tell(): Promise<void> {
    this.#timer = undefined;
    this.#watchFolders();
    if (this.#changed.has('container') || this.#changed.has('volume')) await this.#watchMembers();
    const kinds = [...this.#changed];
    this.#changed.clear();
    for (const listener of this.#listeners) listener(kinds);
  }
}
