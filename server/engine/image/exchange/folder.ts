import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestFromHex, digestHex } from '../../../common/digest.ts';
import { bug, SampanError } from '../../../common/errors.ts';
import type { LayerBlob } from '../../snapshot/types.ts';
import { type ArchiveFiles, openFolder, readSmall } from '../archive/files.ts';
import { entriesOf } from '../archive/layoutImage.ts';
import { readLayoutIndex } from '../archive/ociLayout.ts';
import type { ImageContext } from '../context.ts';
import { manifestMax } from '../manifest.ts';
import { ociIndex } from '../media-types.ts';
import type { ArchiveWriter, Descriptor, LayoutPlace } from '../types.ts';
import type { BlobSource, BlobTarget } from './types.ts';

const refName = 'org.opencontainers.image.ref.name';

/** An OCI layout folder to read from. Throws `not-found` when it is none or lacks the name. */
export async function folderSource({ store }: ImageContext, place: LayoutPlace): Promise<BlobSource> {
  const files = openFolder(place.folder);
  const read = async ({ digest, size }: Pick<LayerBlob, 'digest' | 'size'>) =>
    readVerified(files, { digest, size, folder: place.folder });
  const top = async () => {
    const index = await readLayoutIndex(files);
    if (index === undefined) {
      throw new SampanError(
        'not-found',
        `The folder ${place.folder} is not an OCI layout: it has no index.json.`,
        {
          detail: { path: place.folder },
        },
      );
    }
    const [entry] = entriesOf(index, place);
    const { mediaType, ...blob } = entry as Descriptor;
    return { mediaType, content: await read(blob) };
  };
  return {
    top,
    async manifest(digest) {
      const size = (await files.size(pathOf(digest))) ?? 0;
      return { mediaType: undefined, content: await read({ digest, size }) };
    },
    read,
    async fetch({ digest, size }) {
      if ((await store.blobs.size(digest)) === size) return store.blobs.touch(digest);
      if ((await files.size(pathOf(digest))) === undefined) throw missing(place.folder, digest);
      await store.blobs.ingest(files.open(pathOf(digest)), { digest, size, what: `The layer ${digest}` });
    },
    close: () => files.close(),
  };
}

/** An OCI layout folder to write to; what other names it has stay. */
export function folderTarget(place: LayoutPlace, writer: ArchiveWriter | undefined): BlobTarget {
  const archive = writer ?? bug('a folder to write to came without a writer');
  return {
    has: async digest =>
      (await stat(join(place.folder, pathOf(digest))).catch(() => undefined)) !== undefined,
    async put({ digest, size }, content) {
      await archive.directory('blobs/sha256');
      await archive.stream({ name: pathOf(digest), size }, async write => {
        for await (const chunk of content()) await write(chunk);
      });
    },
    async name({ mediaType, content }) {
      const digest = digestFromHex(createHash('sha256').update(content).digest('hex'));
      await archive.directory('blobs/sha256');
      await archive.file(pathOf(digest), content);
      await archive.file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
      const tag = place.tag ?? 'latest';
      const before = (await readLayoutIndex(openFolder(place.folder))) ?? [];
      const others = before.filter(({ annotations }) => annotations?.[refName] !== tag);
      const entry = { mediaType, digest, size: content.length, annotations: { [refName]: tag } };
      const index = { schemaVersion: 2, mediaType: ociIndex, manifests: [...others, entry] };
      await archive.file('index.json', Buffer.from(JSON.stringify(index)));
      return digest;
    },
    close: async () => {},
  };
}

function pathOf(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

async function readVerified(
  files: ArchiveFiles,
  { digest, size, folder }: Pick<LayerBlob, 'digest' | 'size'> & { readonly folder: string },
): Promise<Buffer> {
  const content = await readSmall(files, { name: pathOf(digest), max: manifestMax });
  if (content === undefined) throw missing(folder, digest);
  const actual = digestFromHex(createHash('sha256').update(content).digest('hex'));
  if (actual === digest && content.length === size) return content;
  throw new SampanError('image-invalid', `The blob ${digest} in ${folder} has other content (${actual}).`, {
    hint: 'Write the layout again where it comes from.',
    detail: { path: folder },
  });
}

function missing(folder: string, digest: Digest): SampanError {
  return new SampanError('image-invalid', `The OCI layout ${folder} lacks its blob ${digest}.`, {
    hint: 'Write the layout again where it comes from.',
    detail: { path: folder },
  });
}
