import { type Digest, digestHex, isDigest } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { canonicalReference, type Reference, readReference, withDefaultTag } from '../../common/reference.ts';
import type { Survey } from '../store/damage.ts';
import type { ImageRecord } from './records.ts';

/** A name in the store and the image that it stands for. */
export interface NamedImage {
  /** Canonical, with a tag or a digest. */
  readonly reference: string;
  readonly image: Digest;
}

/** All images and names, as far as they can be read. */
export interface ImageSurvey {
  readonly images: Survey<ImageRecord>;
  readonly references: Survey<NamedImage>;
}

/** What a name or id that a user gave stands for. */
export interface Found {
  readonly image: Digest;
  /** The reference that matched; undefined when it was an id or a prefix of one. */
  readonly reference: string | undefined;
}

const prefixPattern = /^(?:sha256:)?([0-9a-f]{2,64})$/;

/**
 * Docker's order: a full id, then a reference, then a unique id prefix of at least 2 hex digits; so a tag
 * named like an id prefix wins. `name:tag@digest` means the digest. Undefined when nothing matches.
 * Throws `invalid-argument` when a prefix fits several images.
 */
export function lookUp(
  given: string,
  store: { readonly images: readonly Digest[]; readonly references: readonly NamedImage[] },
): Found | undefined {
  const hex = prefixPattern.exec(given)?.[1];
  const full = hex?.length === 64 ? (`sha256:${hex}` as Digest) : undefined;
  if (full !== undefined && store.images.includes(full)) return { image: full, reference: undefined };
  const { reference } = readReference(given);
  const named = reference && byReference(reference, store.references);
  if (named !== undefined) return { image: named.image, reference: named.reference };
  return hex === undefined ? undefined : byPrefix(given, { hex, images: store.images });
}

/** {@link lookUp} in what was read; throws the damage (`store-corrupt`) of what is named but cannot be read. */
export function findReadable(
  given: string,
  { images, references }: ImageSurvey,
): (Found & { readonly record: ImageRecord }) | undefined {
  const unreadable = new Map(images.damaged.map(error => [error.detail.id as Digest, error]));
  const found = lookUp(given, {
    images: [...images.found.map(image => image.id), ...unreadable.keys()],
    references: references.found,
  });
  if (found === undefined) {
    const damage = damagedReference(given, references);
    if (damage !== undefined) throw damage;
    return undefined;
  }
  const damage = unreadable.get(found.image);
  if (damage !== undefined) throw damage;
  const record = images.found.find(image => image.id === found.image);
  return record && { ...found, record };
}

/** The damage of the reference that was given, if it is damaged. */
export function damagedReference(given: string, references: Survey<NamedImage>): SampanError | undefined {
  const { reference } = readReference(given);
  if (reference === undefined) return references.damaged.find(error => error.detail.id === given);
  const canonical = canonicalReference(tagOrDigest(reference));
  return references.damaged.find(error => error.detail.id === canonical);
}

/** The failure of a {@link lookUp} that must succeed. */
export function noSuchImage(given: string): SampanError {
  const { reference, problem } = readReference(given);
  if (reference === undefined && !prefixPattern.test(given) && !isDigest(given)) {
    return new SampanError('invalid-argument', `Invalid image reference "${given}": ${problem}.`, {
      detail: { reference: given },
    });
  }
  // Docker's words: scripts and editors look for them.
  return new SampanError('not-found', `No such image: ${given}`, {
    hint: `Get it with "sampan pull ${given}", or list what there is with "sampan images".`,
    detail: { reference: given },
  });
}

function byReference(reference: Reference, references: readonly NamedImage[]): NamedImage | undefined {
  const canonical = canonicalReference(tagOrDigest(reference));
  return references.find(one => one.reference === canonical);
}

function tagOrDigest(reference: Reference): Reference {
  return reference.digest === undefined ? withDefaultTag(reference) : { ...reference, tag: undefined };
}

function byPrefix(
  given: string,
  { hex, images }: { readonly hex: string; readonly images: readonly Digest[] },
): Found | undefined {
  const matches = images.filter(id => digestHex(id).startsWith(hex));
  if (matches.length > 1) {
    throw new SampanError('invalid-argument', `"${given}" fits ${matches.length} images.`, {
      hint: 'Give more digits of the id.',
      detail: { matches },
    });
  }
  const [image] = matches;
  return image && { image, reference: undefined };
}
