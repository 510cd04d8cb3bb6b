import { type Digest, digestHex } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { familiarReference, parseReference } from '../../common/reference.ts';
import type { Found } from './lookup.ts';

/** What a removal will do. */
export interface RemovalPlan {
  /** Canonical references to delete. */
  readonly untag: readonly string[];
  /** The image itself goes as well. */
  readonly deleteImage: boolean;
}

/**
 * Docker's rules of `rmi` (moby: daemon/images/image_delete.go `ImageDelete`):
 * by reference, that reference goes, with the digests of its repository when no tag of it is left, and the
 * image with the last reference; by id, all references go, which needs force when they lie in several
 * repositories. An image that a container uses is a conflict unless forced; forced by reference it only
 * loses the name, so that the container keeps what it was made from.
 */
export function planRemoval(
  given: string,
  state: {
    readonly found: Found;
    /** All canonical references of the image. */
    readonly references: readonly string[];
    /** Names of the containers that use the image. */
    readonly users: readonly string[];
    readonly force: boolean;
  },
): RemovalPlan {
  return state.found.reference === undefined ? planById(given, state) : planByReference(given, state);
}

type State = Parameters<typeof planRemoval>[1];

function planByReference(given: string, { found, references, users, force }: State): RemovalPlan {
  const removed = found.reference ?? '';
  const rest = references.filter(one => one !== removed);
  const sameRepository = rest.filter(one => repository(one) === repository(removed));
  const orphaned = isDigestReference(removed) || sameRepository.some(one => !isDigestReference(one));
  const untag = orphaned ? [removed] : [removed, ...sameRepository];
  const last = references.every(one => untag.includes(one));
  if (last && users.length > 0 && !force) throw inUse(given, found.image, users);
  return { untag, deleteImage: last && users.length === 0 };
}

function planById(given: string, { found, references, users, force }: State): RemovalPlan {
  const tags = references.filter(one => !isDigestReference(one));
  const repositories = new Set(references.map(repository));
  if (!force && (tags.length > 1 || repositories.size > 1)) {
    throw new SampanError(
      'conflict',
      `The image ${given} has several names: ${references.map(familiar).join(', ')}.`,
      { hint: 'Remove it by one of its names, or all of them with --force.', detail: { references } },
    );
  }
  if (users.length > 0 && !force) throw inUse(given, found.image, users);
  return { untag: references, deleteImage: true };
}

function inUse(given: string, image: Digest, users: readonly string[]): SampanError {
  const which = users.length === 1 ? `the container ${users[0]}` : `the containers ${users.join(', ')}`;
  return new SampanError(
    'conflict',
    `The image ${given} (${digestHex(image).slice(0, 12)}) cannot be removed: it is used by ${which}.`,
    {
      hint: `Remove the container first ("sampan rm ${users[0]}"), or use --force.`,
      detail: { containers: users },
    },
  );
}

function repository(reference: string): string {
  const { domain, path } = parseReference(reference);
  return `${domain}/${path}`;
}

function isDigestReference(reference: string): boolean {
  return parseReference(reference).digest !== undefined;
}

function familiar(reference: string): string {
  return familiarReference(parseReference(reference));
}
