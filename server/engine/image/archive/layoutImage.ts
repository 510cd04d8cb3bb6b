import { createHash } from 'node:crypto';
import { digestFromHex } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import type { Platform } from '../../../common/platform.ts';
import { chainIdsOf } from '../../snapshot/chain.ts';
import { asCancelled } from '../cancellation.ts';
import { parseImageConfig } from '../config.ts';
import type { ImageContext } from '../context.ts';
import { lazySession, unpackLayers } from '../layers.ts';
import type { Descriptor, LayoutPlace, UnnamedImage } from '../types.ts';
import { openFolder } from './files.ts';
import { findLayoutImage, readLayoutIndex } from './ociLayout.ts';

const defaultTag = 'latest';

/**
 * Unpack the layers of an image in an OCI layout folder. It gets neither name nor record: its layers stay for what
 * is built on them.
 *
 * Throws `not-found` when the folder is no layout or has no such image or platform, `image-invalid`, `cancelled`.
 */
export async function unpackLayoutImage(
  context: ImageContext,
  place: LayoutPlace,
  { platform, signal }: { readonly platform: Platform; readonly signal?: AbortSignal | undefined },
): Promise<UnnamedImage> {
  const session = lazySession(context.openFs);
  const files = openFolder(place.folder);
  try {
    const index = await readLayoutIndex(files);
    if (index === undefined) throw noLayout(place);
    const entries = entriesOf(index, place);
    const at = { ...context, host: platform };
    const found = await findLayoutImage(at, { files, entries, names: [] });
    const { diffIds, fetch } = found;
    await unpackLayers(context, { diffIds, fetch }, { session, signal });
    return {
      id: digestFromHex(createHash('sha256').update(found.config).digest('hex')),
      config: parseImageConfig(found.config, platform),
      chainId: chainIdsOf(diffIds).at(-1),
    };
  } catch (error) {
    throw asCancelled(error, { signal, what: `Reading ${place.folder}` });
  } finally {
    await session.close();
    await files.close();
  }
}

/** What the place names; a place without a name is `latest`, or the only image there is. */
export function entriesOf(index: readonly Descriptor[], place: LayoutPlace): readonly Descriptor[] {
  const { digest, tag } = place;
  const named = index.filter(entry =>
    digest === undefined ? isTagged(entry, tag) : entry.digest === digest,
  );
  if (named.length > 0) return named;
  if (digest === undefined && tag === undefined && index.length === 1) return index;
  const name = digest ?? tag ?? defaultTag;
  throw new SampanError('not-found', `The OCI layout ${place.folder} has no image ${name}.`, {
    hint: 'Name one that its index.json has: oci-layout://FOLDER:TAG or oci-layout://FOLDER@DIGEST.',
    detail: { path: place.folder },
  });
}

/** The annotation holds a tag, or a whole name that ends in one. */
function isTagged({ annotations = {} }: Descriptor, tag = defaultTag): boolean {
  const name = annotations['org.opencontainers.image.ref.name'];
  return name === tag || (name?.endsWith(`:${tag}`) ?? false);
}

function noLayout({ folder }: LayoutPlace): SampanError {
  return new SampanError('not-found', `The folder ${folder} is not an OCI layout: it has no index.json.`, {
    hint: 'Make one with --output type=oci,dest=FOLDER,tar=false.',
    detail: { path: folder },
  });
}
