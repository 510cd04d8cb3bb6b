import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorePaths } from './store/paths.ts';
import type { ObjectKind } from './types.ts';

/** Milliseconds in which changes are told as one. */
const coalesce = 100;

type Listener = (kinds: readonly ObjectKind[]) => void;

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
  #timer: NodeJS.Timeout | undefined;

  constructor(paths: StorePaths) {
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
    for (const [folder, kind] of this.#folders) this.#watch(folder, () => this.#notice(kind));
    void this.#watchMembers();
  }

  /** A container's folder shows its start and end, a volume's its record. */
  async #watchMembers(): Promise<void> {
    const members = [
      ...(await readdir(this.#containers).catch(() => [])).map(name => join(this.#containers, name)),
      ...(await readdir(this.#volumes).catch(() => [])).map(name => join(this.#volumes, name)),
    ];
    for (const [path, watcher] of this.#watchers) {
      if (!this.#isMember(path) || members.includes(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of members) this.#watchMember(path);
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
      const watcher = watch(path, { persistent: false }, (_, name) => changed(name));
      watcher.on('error', () => watcher.close());
      this.#watchers.set(path, watcher);
    } catch {
      // Gone between the listing and now: its parent tells.
    }
  }

  #notice(kind: ObjectKind): void {
    this.#changed.add(kind);
    this.#timer ??= setTimeout(() => void this.#tell(), coalesce);
  }

  async #tell(): Promise<void> {
    this.#timer = undefined;
    if (this.#changed.has('container') || this.#changed.has('volume')) await this.#watchMembers();
    const kinds = [...this.#changed];
    this.#changed.clear();
    for (const listener of this.#listeners) listener(kinds);
  }
}
