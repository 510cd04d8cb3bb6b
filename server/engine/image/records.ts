import { basename } from 'node:path';
import { type Digest, digestFromHex, digestHex } from '../../common/digest.ts';
import type { SampanError } from '../../common/errors.ts';
import { familiarReference, readReference } from '../../common/reference.ts';
import { damageTo, type Survey } from '../store/damage.ts';
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

/** Images and names on disk. Damaged ones carry in `detail.id` the image's id, or the canonical reference. */
export interface ImageRecords {
  image(id: Digest): Promise<ImageRecord | undefined>;
  images(): Promise<Survey<ImageRecord>>;
  references(): Promise<Survey<NamedImage>>;
  writeImage(record: ImageRecord): Promise<void>;
  removeImage(id: Digest): Promise<void>;
  /** `canonical` stands for the image from now on, whatever it stood for. */
  name(canonical: string, image: Digest): Promise<void>;
  removeName(canonical: string): Promise<void>;
  /** Delete the name that the error is about. */
  removeDamagedName(damage: SampanError): Promise<void>;
}

export function openImageRecords({ paths }: Store): ImageRecords {
  const images = cachedRecords(paths.images, imageRecord);
  const references = cachedRecords(paths.references, referenceRecord);
  return {
    image: id => readRecord(paths.image(id), imageRecord),
    images: async () => labelled(await images(), name => damageToImage(digestFromHex(name))),
    references: async () => labelled(await references(), damageToReference),
    writeImage: record => writeRecord(paths, paths.image(record.id), record),
    removeImage: id => removeRecord(paths.image(id)),
    name: (reference, image) => writeRecord(paths, paths.reference(reference), { reference, image }),
    removeName: canonical => removeRecord(paths.reference(canonical)),
    removeDamagedName: damage => removeRecord(String(damage.detail.path)),
  };
}

/** Makes the error of a file that belongs to an image one about the image. */
export function damageToImage(id: Digest): (error: unknown) => unknown {
  const short = digestHex(id).slice(0, 12);
  const hint = `Remove it with "sampan rmi ${short}", then pull, load or build it again.`;
  return error => damageTo({ kind: 'image', id, label: short, hint }, error);
}

/** `encoded` is the name of the file: a percent-encoded reference, or the hash of a long one. */
function damageToReference(encoded: string): (error: unknown) => unknown {
  const id = decodeURIComponent(encoded);
  const { reference } = readReference(id);
  const label = reference === undefined ? id : familiarReference(reference);
  const hint = `Remove it with "sampan rmi ${label}" (no image goes with it), then tag the image again.`;
  return error => damageTo({ kind: 'reference', id, label, hint }, error);
}

function labelled<T>(survey: Survey<T>, about: (name: string) => (error: unknown) => unknown): Survey<T> {
  const nameOf = (error: SampanError) => basename(String(error.detail.path), '.json');
  return {
    found: survey.found,
    damaged: survey.damaged.map(error => about(nameOf(error))(error) as SampanError),
  };
}
