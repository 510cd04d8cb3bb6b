import type { Digest } from '../../common/digest.ts';
import { cachedRecords, readRecord, removeRecord, writeRecord } from '../store/records.ts';
import { type Checked, count, digest, optional, shape, text } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { NamedImage } from './lookup.ts';

/** `images/<id hex>.json`: written once. The config itself is the blob with the digest `id`. */
const imageRecord = shape({
  id: digest,
  /** RFC 3339. */
  createdAt: text,
  /** Sum of the layers' content sizes, bytes. */
  size: count,
  /** The manifest that a registry or archive gave, so that saving gives the same digest again. */
  manifest: optional(shape({ mediaType: text, digest, size: count })),
});

/** `references/<name>.json`. */
const referenceRecord = shape({ reference: text, image: digest });

export type ImageRecord = Checked<typeof imageRecord>;

/** Images and names on disk. */
export interface ImageRecords {
  image(id: Digest): Promise<ImageRecord | undefined>;
  images(): Promise<readonly ImageRecord[]>;
  references(): Promise<readonly NamedImage[]>;
  writeImage(record: ImageRecord): Promise<void>;
  removeImage(id: Digest): Promise<void>;
  /** `canonical` stands for the image from now on, whatever it stood for. */
  name(canonical: string, image: Digest): Promise<void>;
  removeName(canonical: string): Promise<void>;
}

export function openImageRecords({ paths }: Store): ImageRecords {
  return {
    image: id => readRecord(paths.image(id), imageRecord),
    images: cachedRecords(paths.images, imageRecord),
    references: cachedRecords(paths.references, referenceRecord),
    writeImage: record => writeRecord(paths, paths.image(record.id), record),
    removeImage: id => removeRecord(paths.image(id)),
    name: (reference, image) => writeRecord(paths, paths.reference(reference), { reference, image }),
    removeName: canonical => removeRecord(paths.reference(canonical)),
  };
}
