import { posix } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import type { AskFs } from './fs.ts';
import { decodeEntry, encodeCopyEntries, RecordSplitter } from './fs-entries.ts';
import { withInput, withSink } from './fs-streams.ts';
import type {
  ByteSink,
  CopyEntry,
  EntryInfo,
  FileChange,
  MountedRootfs,
  Owner,
  TimeBounds,
} from './types.ts';
import { ReceivedFields } from './wire.ts';

/** The rootfs that the helper knows by this number. */
export function openMountedRootfs(ask: AskFs, mount: number): MountedRootfs {
  return new HelperRootfs(ask, mount);
}

class HelperRootfs implements MountedRootfs {
  readonly #ask: AskFs;
  readonly #mount: number;

  constructor(ask: AskFs, mount: number) {
    this.#ask = ask;
    this.#mount = mount;
  }

  async readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const chunks: Buffer[] = [];
    const result = await this.#ask(
      { op: 'readFile', what: `read ${path}` },
      { mount: this.#mount, path: clean(path), max: maxBytes },
      { onData: chunk => void chunks.push(chunk) },
    );
    return result.flag('missing') ? undefined : Buffer.concat(chunks);
  }

  async stat(path: string, options: { followLast?: boolean } = {}): Promise<EntryInfo | undefined> {
    const result = await this.#ask(
      { op: 'stat', what: `look at ${path}` },
      { mount: this.#mount, path: clean(path), follow: options.followLast === true },
    );
    return result.flag('missing') ? undefined : decodeEntry(result.payload);
  }

  async *walk(
    path: string,
    { hash, recursive }: { readonly hash: boolean; readonly recursive: boolean },
  ): AsyncGenerator<EntryInfo> {
    // The answer is buffered, not throttled: a caller may ask this session other things between two entries.
    const pieces: Buffer[] = [];
    let wake = () => {};
    let done = false;
    const onData = (piece: Buffer) => {
      pieces.push(piece);
      wake();
    };
    const answer = this.#ask(
      { op: 'walk', what: `list ${path}` },
      { mount: this.#mount, path: clean(path), hash, recursive },
      { onData },
    ).finally(() => {
      done = true;
      wake();
    });
    answer.catch(() => undefined);
    const splitter = new RecordSplitter();
    while (!done || pieces.length > 0) {
      const piece = pieces.shift();
      if (piece) for (const record of splitter.push(piece)) yield decodeEntry(record);
      else
        await new Promise<void>(resolve => {
          wake = resolve;
        });
    }
    await answer;
  }

  async makeDirectory(
    path: string,
    { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
  ): Promise<readonly string[]> {
    const result = await this.#ask(
      { op: 'makeDirectories', what: `create ${path}` },
      { mount: this.#mount, path: clean(path), mode, uid, gid },
    );
    return result.list('made').map(clean);
  }

  async removeAll(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const request = { op: 'removeAll', what: `remove ${paths.join(', ')}` };
    await this.#ask(request, { mount: this.#mount, path: paths.map(clean) });
  }

  async copy(sourceRoot: string | MountedRootfs | undefined, entries: readonly CopyEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#ask(
      { op: 'copy', what: 'copy files' },
      { mount: this.#mount, ...sourceFields(sourceRoot) },
      { input: encodeCopyEntries(entries) },
    );
  }

  async extract(path: string, tar: AsyncIterable<Uint8Array>, { uid, gid }: Owner): Promise<void> {
    const request = { op: 'extract', what: `unpack an archive into ${path}` };
    const fields = { mount: this.#mount, path: clean(path), uid, gid };
    await withInput(tar, input => this.#ask(request, fields, { input }));
  }

  async exportTar(sink: ByteSink, times: TimeBounds = {}): Promise<void> {
    const request = { op: 'export', what: 'export the file system' };
    await withSink(sink, onData => this.#ask(request, { mount: this.#mount, ...times }, { onData }));
  }

  async archive(
    path: string,
    { sink, as }: { readonly sink: ByteSink; readonly as?: string },
  ): Promise<void> {
    const request = { op: 'archive', what: `archive ${path}` };
    const contents = path.endsWith('/.') ? '/.' : '';
    const fields = { mount: this.#mount, path: clean(path) + contents, as };
    await withSink(sink, onData => this.#ask(request, fields, { onData }));
  }

  async copyOut(path: string, target: string): Promise<boolean> {
    const result = await this.#ask(
      { op: 'copyOut', what: `copy ${path} to ${target}` },
      { mount: this.#mount, path: clean(path), target },
    );
    return result.flag('copied');
  }

  async writeFile(
    path: string,
    {
      content,
      mode,
      existing,
      missing,
    }: {
      readonly content: Uint8Array;
      readonly mode: number;
      readonly existing: boolean;
      readonly missing: boolean;
    },
  ): Promise<void> {
    await this.#ask(
      { op: 'writeFile', what: `write ${path}` },
      { mount: this.#mount, path: clean(path), size: content.length, mode, existing, missing },
      { input: pieces(content) },
    );
  }

  async remove(path: string, { recursive }: { readonly recursive: boolean }): Promise<void> {
    await this.#ask(
      { op: 'remove', what: `remove ${path}` },
      { mount: this.#mount, path: clean(path), recursive },
    );
  }

  async rename(
    path: string,
    { target, replace }: { readonly target: string; readonly replace: boolean },
  ): Promise<void> {
    await this.#ask(
      { op: 'rename', what: `rename ${path} to ${target}` },
      { mount: this.#mount, path: clean(path), target: clean(target), replace },
    );
  }

  async watch(path: string, onChange: (change: FileChange) => void): Promise<void> {
    const splitter = new RecordSplitter();
    const onData = (piece: Buffer) => {
      for (const record of splitter.push(piece)) {
        const fields = new ReceivedFields(record);
        onChange({ kind: fields.text('kind') as FileChange['kind'], name: fields.text('name') });
      }
    };
    await this.#ask(
      { op: 'watch', what: `watch ${path}` },
      { mount: this.#mount, path: clean(path) },
      { onData },
    );
  }

  /** Fields that name this rootfs as the source of a copy. */
  get source(): { readonly sourceMount: number } {
    return { sourceMount: this.#mount };
  }

  async unmount(): Promise<void> {
    await this.#ask({ op: 'unmount', what: 'unmount a root file system' }, { mount: this.#mount });
  }
}

function sourceFields(
  source: string | MountedRootfs | undefined,
): { readonly sourceRoot: string } | { readonly sourceMount: number } | undefined {
  if (source === undefined) return undefined;
  if (typeof source === 'string') return { sourceRoot: source };
  if (source instanceof HelperRootfs) return source.source;
  throw new SampanError('internal', 'Files can only be copied from a root file system of the same session.');
}

/** Bytes of a data message at most (native/WIRE.md). */
const pieceSize = 256 * 1024;

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceSize) yield content.subarray(at, at + pieceSize);
}

/** Absolute, without `.`, `..` and doubled slashes. Links count only inside the helper. */
function clean(path: string): string {
  const normal = posix.normalize(`/${path}`);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
