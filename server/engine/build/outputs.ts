import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Digest, digestFromHex } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { formatPlatform, type Platform } from '../../common/platform.ts';
import type { BuiltImage, ExportedImages, Image } from '../image/types.ts';
import { sinkOf } from '../runtime/fs-streams.ts';
import type { ByteSink, TimeBounds } from '../runtime/types.ts';
import type { ChainId } from '../snapshot/types.ts';
import type { BuilderParts } from './buildContext.ts';
import type { ArchiveFile, BuildOutput, BuildResult } from './types.ts';

/** What a build made for one platform. */
export interface BuiltPlatform extends BuiltImage {
  readonly platform: Platform;
  readonly chainId: ChainId | undefined;
  readonly epochSeconds: number | undefined;
}

type Written = Partial<Pick<BuildResult, 'image' | 'imageId' | 'digest'>>;

/** Refuses before anything is built what could not be written after it. Throws `unsupported`. */
export function checkOutputs(outputs: readonly BuildOutput[], platforms: readonly Platform[]): void {
  if (platforms.length < 2) return;
  for (const { kind } of outputs) {
    if (kind === 'image') throw severalPlatforms('The store keeps images of one platform');
    if (kind === 'rootfs-archive') throw severalPlatforms('A tar of the root file system is of one platform');
  }
}

function severalPlatforms(why: string): SampanError {
  return new SampanError('unsupported', `${why}, and several were asked for.`, {
    hint: 'Push them with --push, write an OCI archive with --output type=oci,dest=FILE, or build one platform at a time.',
  });
}

/** All outputs of a build: the only act of it that others see. */
export async function writeOutputs(
  parts: Pick<BuilderParts, 'images' | 'runtime' | 'snapshots'>,
  work: {
    readonly outputs: readonly BuildOutput[];
    readonly built: readonly BuiltPlatform[];
    readonly tags: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<Pick<BuildResult, 'image' | 'imageId' | 'digest'>> {
  const { outputs, built, signal } = work;
  let written: Written = {};
  for (const output of outputs) written = { ...written, ...(await write(output)) };
  const [only] = built;
  const imageId = built.length === 1 && only ? digestOf(only.config) : undefined;
  return { image: undefined, digest: undefined, imageId, ...written };

  async function write(output: BuildOutput): Promise<Written> {
    if (output.kind === 'image') return { image: await store() };
    if (output.kind === 'none') return {};
    if (output.kind === 'image-archive') return writeImages(output);
    if (output.kind === 'rootfs-archive') {
      for (const one of built) await output.file(sink => readRootfs(parts, one, sink));
      return {};
    }
    for (const one of built) await fillFolder(parts, one, folderOf(output, one));
    return {};
  }

  function folderOf(
    output: Extract<BuildOutput, { readonly kind: 'folder' }>,
    { platform }: BuiltPlatform,
  ): string {
    const split = built.length > 1 && output.splitPlatforms;
    return split ? join(output.path, formatPlatform(platform).replaceAll('/', '_')) : output.path;
  }

  async function store(): Promise<Image> {
    const [only] = built;
    return parts.images.create((only as BuiltPlatform).config, { tags: work.tags });
  }

  async function writeImages({
    to,
    rewriteTimestamps,
    ...options
  }: Extract<BuildOutput, { readonly kind: 'image-archive' }>): Promise<ExportedImages> {
    const latest = rewriteTimestamps ? built[0]?.epochSeconds : undefined;
    const wanted = { ...options, signal, ...(latest === undefined ? {} : { latest }) };
    if (!('file' in to)) return parts.images.export(built, { ...wanted, to });
    return inFile(to.file, sink => parts.images.export(built, { ...wanted, to: { sink } }));
  }
}

async function inFile<T>(file: ArchiveFile, produce: (sink: ByteSink) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  await file(async sink => {
    result = { value: await produce(sink) };
  });
  return (result as { readonly value: T }).value;
}

/** Two zero blocks, POSIX pax "ustar Interchange Format". */
const emptyTarSize = 1024;

/** The rootfs as a tar. With SOURCE_DATE_EPOCH every time is that one (BuildKit exporter/local, exporter/tar). */
async function readRootfs(
  { runtime, snapshots }: Pick<BuilderParts, 'runtime' | 'snapshots'>,
  { chainId, epochSeconds }: BuiltPlatform,
  sink: ByteSink,
): Promise<void> {
  if (chainId === undefined) return sink(Buffer.alloc(emptyTarSize));
  const session = await runtime.openFs();
  const times: TimeBounds =
    epochSeconds === undefined ? {} : { earliest: epochSeconds, latest: epochSeconds };
  try {
    const rootfs = await session.mount({ lowers: await snapshots.lowers(chainId) });
    await rootfs.exportTar(sink, times);
  } finally {
    await session.close();
  }
}

/** The files belong to the user, whoever owns them in the image. */
async function fillFolder(
  parts: Pick<BuilderParts, 'runtime' | 'snapshots'>,
  built: BuiltPlatform,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const session = await parts.runtime.openFs();
  const tar = new PassThrough();
  try {
    const read = readRootfs(parts, built, sinkOf(tar)).then(
      () => tar.end(),
      error => tar.destroy(error),
    );
    await session.fillDirectory(folder, tar, { uid: 0, gid: 0 });
    await read;
  } finally {
    tar.destroy();
    await session.close();
  }
}

function digestOf(content: Uint8Array): Digest {
  return digestFromHex(createHash('sha256').update(content).digest('hex'));
}
