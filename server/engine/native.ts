import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SampanError } from '../common/errors.ts';
import type { EntryType, ProcessIdentity } from './runtime/types.ts';

/** What the addon exports; see native/binding. */
interface Addon {
  lock(path: string, exclusive: boolean, wait: boolean): Promise<number>;
  unlock(fd: number): void;
  syncDirectory(path: string): Promise<void>;
  startTime(pid: number): string | undefined;
  peerUser(fd: number): number;
  watch(pid: number, startTime: string): { readonly ended: Promise<boolean>; stop(): void } | undefined;
  readFiles(paths: readonly string[]): Promise<readonly ReadOutcome[]>;
  writeFiles(files: readonly WrittenFile[]): Promise<readonly WriteOutcome[]>;
  scan(root: string, prune: readonly string[]): Promise<Buffer>;
  hashFiles(root: string, paths: readonly (string | Uint8Array)[]): Promise<Buffer>;
}

/** Text of a file as UTF-8, undefined when there is none, or Node's error. */
export type ReadOutcome = string | undefined | Error;

/** A small file to be written in place, 0600 when it is new. */
export interface WrittenFile {
  readonly path: string;
  readonly content: string;
  /** Refuse one that exists (EEXIST). */
  readonly exclusive: boolean;
}

/** Undefined when it was written, or Node's error. */
export type WriteOutcome = undefined | Error;

export type LockMode = 'shared' | 'exclusive';

/** A held flock(2). It ends with {@link release} or with this process, however that ends. */
export interface FileLock {
  release(): void;
}

/** One entry below a scanned directory. */
export interface ScannedEntry {
  /** Relative to the scanned root, `/` between components. Bytes that are not UTF-8 are replaced: see `rawPath`. */
  readonly path: string;
  /** Present only when the path is not valid UTF-8. */
  readonly rawPath?: Uint8Array;
  readonly type: EntryType;
  /** Permission bits with set-id and sticky, 0 to 0o7777. */
  readonly mode: number;
  readonly size: number;
  readonly mtimeNs: bigint;
  /** Changes with every change of content or metadata and cannot be set back by a user. */
  readonly ctimeNs: bigint;
  readonly device: bigint;
  readonly inode: bigint;
  readonly links: number;
  /** What a symbolic link says. */
  readonly linkTarget?: string;
}

/** What a look at a whole tree saw. */
export interface TreeScan {
  /** sha256 of all that was seen of all entries, in hex: two scans with the same saw the same entries unchanged. */
  readonly identity: string;
  /** Of the entry that changed last, nanoseconds since 1970. Of an empty tree long ago. */
  readonly latestCtimeNs: bigint;
  /** Depth first, siblings in byte order. Made at each call. */
  entries(): readonly ScannedEntry[];
}

/** What Node cannot do itself. Rejections of system calls are Node-shaped errors with `code`, `syscall` and `path`. */
export interface Native {
  /** Take a lock now, or undefined when another holder has it. The file is created (0600) when missing; a directory (`<path>/.`) is locked itself. */
  tryLockFile(path: string, mode: LockMode): Promise<FileLock | undefined>;
  /** Whole small files, one after another in the order given, in a single trip off the main thread. Does not reject. */
  readFiles(paths: readonly string[]): Promise<readonly ReadOutcome[]>;
  /** The same way round, one after another whether those before could be written or not. Does not reject. */
  writeFiles(files: readonly WrittenFile[]): Promise<readonly WriteOutcome[]>;
  /** Wait for a lock. An aborted wait rejects with the signal's reason and keeps nothing. */
  lockFile(path: string, mode: LockMode, options?: { readonly signal?: AbortSignal }): Promise<FileLock>;
  /** fsync(2) a directory, so that renames in it survive a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** Identity of a living process, or undefined. */
  identify(pid: number): ProcessIdentity | undefined;
  /** The user at the other end of a connected Unix socket. Throws Node's errors. */
  peerUser(fd: number): number;
  /** True while that very process exists (a zombie counts). */
  isAlive(identity: ProcessIdentity): boolean;
  /** Resolves when that process has ended, at once when it is gone. It need not be a child. Aborting rejects with the reason. */
  waitForExit(identity: ProcessIdentity, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Everything below a directory, links not followed. Directories named in `prune` (paths relative to the root)
   * are listed but not entered. Runs on a thread of its own.
   */
  scanTree(root: string, options?: { readonly prune?: readonly string[] }): Promise<TreeScan>;
  /**
   * sha256 of regular files below a directory, 64 hex digits each, in the order asked. Links are refused
   * anywhere in a path (ELOOP); what is not a regular file rejects with EINVAL. Runs on several threads.
   */
  hashFiles(root: string, paths: readonly (string | Uint8Array)[]): Promise<readonly string[]>;
}

const loaded = new Map<string, Native>();

/**
 * The addon in `directory` (where the build puts `sampan.node`). Throws `isolation-unavailable` when it is
 * missing or was built for another machine.
 */
export function loadNative(directory: string): Native {
  const known = loaded.get(directory);
  if (known) return known;
  const native = new LoadedNative(loadAddon(join(directory, 'sampan.node')));
  loaded.set(directory, native);
  return native;
}

function loadAddon(path: string): Addon {
  // process.dlopen, not require: the same line works in an ES module and in the bundle.
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (cause) {
    throw new SampanError('isolation-unavailable', `Sampan's native addon cannot be loaded from ${path}.`, {
      hint: 'Run `npm run build`, or install the package for this machine: it must match its processor and C library.',
      detail: { path },
      cause,
    });
  }
  return module.exports as Addon;
}

class LoadedNative implements Native {
  readonly #addon: Addon;
  #bootId: string | undefined;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  async tryLockFile(path: string, mode: LockMode): Promise<FileLock | undefined> {
    const fd = await this.#addon.lock(path, mode === 'exclusive', false);
    return fd < 0 ? undefined : this.#held(fd);
  }

  async lockFile(
    path: string,
    mode: LockMode,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<FileLock> {
    signal?.throwIfAborted();
    const lock = this.#addon.lock(path, mode === 'exclusive', true).then(fd => this.#held(fd));
    return signal ? orAborted(lock, { signal, undo: held => held.release() }) : lock;
  }

  readFiles(paths: readonly string[]): Promise<readonly ReadOutcome[]> {
    return this.#addon.readFiles(paths);
  }

  writeFiles(files: readonly WrittenFile[]): Promise<readonly WriteOutcome[]> {
    return this.#addon.writeFiles(files);
  }

  syncDirectory(path: string): Promise<void> {
    return this.#addon.syncDirectory(path);
  }

  identify(pid: number): ProcessIdentity | undefined {
    const startTime = this.#addon.startTime(pid);
    return startTime === undefined ? undefined : { pid, startTime, bootId: this.#boot() };
  }

  peerUser(fd: number): number {
    return this.#addon.peerUser(fd);
  }

  isAlive(identity: ProcessIdentity): boolean {
    return identity.bootId === this.#boot() && this.#addon.startTime(identity.pid) === identity.startTime;
  }

  async waitForExit(
    identity: ProcessIdentity,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    if (identity.bootId !== this.#boot()) return;
    const watch = this.#addon.watch(identity.pid, identity.startTime);
    if (!watch) return;
    const stop = () => watch.stop();
    signal?.addEventListener('abort', stop, { once: true });
    const ended = await watch.ended;
    signal?.removeEventListener('abort', stop);
    if (!ended) signal?.throwIfAborted();
  }

  async scanTree(
    root: string,
    { prune = [] }: { readonly prune?: readonly string[] } = {},
  ): Promise<TreeScan> {
    const scan = await this.#addon.scan(root, prune);
    const summary = scan.length - summarySize;
    return {
      identity: scan.toString('hex', summary + 8),
      latestCtimeNs: scan.readBigInt64LE(summary),
      entries: () => decodeScan(scan.subarray(0, summary)),
    };
  }

  async hashFiles(root: string, paths: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
    const digests = await this.#addon.hashFiles(root, paths.map(asAddonPath));
    return paths.map((_, i) => digests.toString('hex', i * 32, i * 32 + 32));
  }

  #held(fd: number): FileLock {
    let open = true;
    return {
      release: () => {
        if (open) this.#addon.unlock(fd);
        open = false;
      },
    };
  }

  #boot(): string {
    this.#bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return this.#bootId;
  }
}

function asAddonPath(path: string | Uint8Array): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
}

/** `work`, unless the signal comes first; what `work` brings after that is undone. */
function orAborted<T>(
  work: Promise<T>,
  { signal, undo }: { readonly signal: AbortSignal; readonly undo: (value: T) => void },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      work.then(undo, () => undefined);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    work.finally(() => signal.removeEventListener('abort', abort)).then(resolve, reject);
  });
}

/** Latest ctime and sha256, behind the records. */
const summarySize = 40;

const typeOfBits: { readonly [bits: number]: EntryType } = {
  1: 'fifo',
  2: 'char',
  4: 'directory',
  6: 'block',
  8: 'file',
  10: 'symlink',
  12: 'socket',
};

/** Records as `add_entry` in native/binding/scan.cc writes them. */
function decodeScan(records: Buffer): ScannedEntry[] {
  const entries: ScannedEntry[] = [];
  for (let at = 0; at < records.length; ) {
    const mode = records.readUInt32LE(at);
    const pathSize = records.readUInt32LE(at + 48);
    const path = records.subarray(at + 52, at + 52 + pathSize);
    const targetSize = records.readUInt32LE(at + 52 + pathSize);
    const target = records.subarray(at + 56 + pathSize, at + 56 + pathSize + targetSize);
    const text = path.toString();
    entries.push({
      path: text,
      // Only a replaced byte makes the text differ from its source.
      ...(text.includes('\ufffd') && !Buffer.from(text).equals(path)
        ? { rawPath: Uint8Array.from(path) }
        : {}),
      type: typeOfBits[mode >> 12] ?? 'file',
      mode: mode & 0o7777,
      links: records.readUInt32LE(at + 4),
      size: Number(records.readBigUInt64LE(at + 8)),
      mtimeNs: records.readBigInt64LE(at + 16),
      ctimeNs: records.readBigInt64LE(at + 24),
      device: records.readBigUInt64LE(at + 32),
      inode: records.readBigUInt64LE(at + 40),
      ...(targetSize > 0 ? { linkTarget: target.toString() } : {}),
    });
    at += 56 + pathSize + targetSize;
  }
  return entries;
}
