import { digestFromHex } from '../../common/digest.ts';
import { RecordSplitter } from './fs-entries.ts';
import { explainFsFailure } from './fs-errors.ts';
import { openMountedRootfs } from './fs-rootfs.ts';
import { withInput, withSink } from './fs-streams.ts';
import type {
  ByteSink,
  FsSession,
  LayerInfo,
  MountedRootfs,
  Owner,
  ProcessIdentity,
  RootfsLayers,
  TimeBounds,
} from './types.ts';
import { type Fields, type HelperConnection, ReceivedFields, type RequestOptions } from './wire.ts';

type Change = Awaited<ReturnType<FsSession['changes']>>[number];

/** Asks the helper; a failure says what could not be done. */
export type AskFs = (
  request: { readonly op: string; readonly what: string },
  fields?: Fields,
  options?: RequestOptions,
) => Promise<ReceivedFields>;

/**
 * A file session on a fresh connection to the holder. Failures are {@link SampanError}s with the step, path and
 * errno in `detail`: `disk-full`, `image-invalid` (a damaged archive), `unsupported` (an id that is not mapped),
 * `not-found`, `conflict`, `isolation-unavailable`, `helper-lost`.
 */
export function openFsSession(connection: HelperConnection): FsSession {
  return new HelperFsSession(connection);
}

class HelperFsSession implements FsSession {
  readonly #connection: HelperConnection;
  readonly #opened: Promise<unknown>;
  readonly #ask: AskFs;

  constructor(connection: HelperConnection) {
    this.#connection = connection;
    this.#opened = connection.request('open', { role: 'fs' });
    this.#opened.catch(() => undefined);
    this.#ask = (request, fields, options) => this.#request(request, fields, options);
  }

  async applyLayer(directory: string, tar: AsyncIterable<Uint8Array>): Promise<LayerInfo> {
    const request = { op: 'applyLayer', what: `unpack a layer into ${directory}` };
    return layerInfo(await withInput(tar, input => this.#ask(request, { path: directory }, { input })));
  }

  async diffLayer(
    upper: string | readonly string[],
    { sink, ...times }: { readonly sink?: ByteSink } & TimeBounds = {},
  ): Promise<LayerInfo> {
    const request = { op: 'diffLayer', what: `read the changes in ${[upper].flat()[0]}` };
    const fields = { path: upper, ...times };
    if (!sink) return layerInfo(await this.#ask(request, fields));
    return layerInfo(
      await withSink(sink, onData => this.#ask(request, { ...fields, stream: true }, { onData })),
    );
  }

  async fillDirectory(directory: string, tar: AsyncIterable<Uint8Array>, owner: Owner): Promise<void> {
    const request = { op: 'fillDirectory', what: `unpack files into ${directory}` };
    await withInput(tar, input => this.#ask(request, { path: directory, ...owner }, { input }));
  }

  async mount(layers: RootfsLayers): Promise<MountedRootfs> {
    const { lowers, upper, work } = layers;
    const mounted = await this.#ask(
      { op: 'mount', what: 'mount a root file system' },
      { lower: lowers, upper, work },
    );
    return openMountedRootfs(this.#ask, mounted.number('mount'));
  }

  async openDirectory(path: string): Promise<MountedRootfs> {
    const opened = await this.#ask({ op: 'openDirectory', what: `open ${path}` }, { path });
    return openMountedRootfs(this.#ask, opened.number('mount'));
  }

  async openProcess({ pid, startTime }: ProcessIdentity): Promise<MountedRootfs> {
    const request = { op: 'openProcess', what: 'look into the container' };
    const opened = await this.#ask(request, { pid, startTime });
    return openMountedRootfs(this.#ask, opened.number('mount'));
  }

  async makeDirectory(path: string, mode = 0o700): Promise<void> {
    await this.#ask({ op: 'makeDirectory', what: `create ${path}` }, { path, mode });
  }

  async removeTree(paths: readonly string[]): Promise<void> {
    await this.#ask({ op: 'removeTree', what: `remove ${paths.join(', ')}` }, { path: paths });
  }

  async copyTree(source: string, target: string): Promise<void> {
    await this.#ask({ op: 'copyTree', what: `copy ${source} to ${target}` }, { source, target });
  }

  async measure(paths: readonly string[]): Promise<number> {
    const result = await this.#ask({ op: 'measure', what: `measure ${paths.join(', ')}` }, { path: paths });
    return result.number('bytes');
  }

  async changes({ lowers, upper }: Parameters<FsSession['changes']>[0]): Promise<readonly Change[]> {
    const splitter = new RecordSplitter();
    const changes: Change[] = [];
    const onData = (piece: Buffer) => {
      for (const record of splitter.push(piece)) {
        const fields = new ReceivedFields(record);
        changes.push({ kind: fields.text('kind') as Change['kind'], path: fields.text('path') });
      }
    };
    if (upper === undefined) return [];
    const request = { op: 'changes', what: `compare ${[upper].flat()[0]} with the layers below it` };
    await this.#ask(request, { lower: lowers, upper }, { onData });
    return changes;
  }

  async sync(directory: string): Promise<void> {
    await this.#ask({ op: 'sync', what: `write ${directory} to the disk` }, { path: directory });
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  async #request(
    { op, what }: { readonly op: string; readonly what: string },
    fields?: Fields,
    options?: RequestOptions,
  ): Promise<ReceivedFields> {
    try {
      await this.#opened;
      return await this.#connection.request(op, fields, options);
    } catch (error) {
      throw explainFsFailure(what, error);
    }
  }
}

function layerInfo(fields: ReceivedFields): LayerInfo {
  const skipped = fields.optionalText('devicesSkipped') ?? '0';
  return {
    diffId: digestFromHex(fields.text('sha256')),
    tarSize: fields.number('tarSize'),
    contentSize: fields.number('contentSize'),
    entries: fields.number('entries'),
    ...(skipped === '0'
      ? {}
      : { warnings: [`${skipped} device node(s) of the layer were left out: only root can create them.`] }),
  };
}
