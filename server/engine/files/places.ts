import { isDigest } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { withContainerFiles, withSession } from '../container/containerFiles.ts';
import type { ContainerContext } from '../container/context.ts';
import type { MountedRootfs, Place } from '../runtime/types.ts';
import type { ChainId, SnapshotInfo } from '../snapshot/types.ts';
import type { FilePlace } from './types.ts';

/** Gives where a path of the place is to be looked for. */
export type PlaceOf = (path: string, options?: { readonly writes: boolean }) => Promise<Place>;

/** Open a place, work in it, close it again. Throws `not-found`. */
export async function withPlace<T>(
  context: ContainerContext,
  place: FilePlace,
  use: (placeOf: PlaceOf) => Promise<T>,
): Promise<T> {
  switch (place.kind) {
    case 'container': {
      const id = await context.registry.resolve(place.id);
      return withContainerFiles(context, id, files =>
        use((path, { writes } = { writes: false }) => files.place(path, { writes })),
      );
    }
    case 'volume': {
      const { mountpoint } = await context.volumes.get(place.id);
      return withSession(context, async session => use(always(await session.openDirectory(mountpoint))));
    }
    case 'image':
    case 'layer': {
      const lowers = await context.snapshots.lowers(await topOf(context, place));
      return withSession(context, async session => use(readOnly(await session.mount({ lowers }), place)));
    }
  }
}

function always(rootfs: MountedRootfs): PlaceOf {
  return async path => ({ rootfs, path });
}

function readOnly(rootfs: MountedRootfs, { kind }: FilePlace): PlaceOf {
  return async (path, { writes } = { writes: false }) => {
    if (!writes) return { rootfs, path };
    throw new SampanError('invalid-argument', `Files of ${kind}s cannot be changed.`, {
      hint: 'Run the image, change the files of the container, and make an image of it: sampan commit',
      detail: { path, errno: 'EROFS' },
    });
  };
}

async function topOf(context: ContainerContext, { kind, id }: FilePlace): Promise<ChainId | undefined> {
  if (kind === 'image') return (await context.images.resolve(id)).chainId;
  return (await layerOf(context, id)).chainId;
}

/** The layer with this chainID. Throws `not-found`. */
export async function layerOf({ snapshots }: ContainerContext, id: string): Promise<SnapshotInfo> {
  const layer = isDigest(id) ? await snapshots.get(id) : undefined;
  if (layer) return layer;
  throw new SampanError('not-found', `No such layer: ${id}`, {
    hint: 'It went with its image or with the build cache: build again.',
    detail: { layer: id },
  });
}
