import { isSampanError, SampanError } from '../../common/errors.ts';

/** What an object of the store is called, and how a user gets rid of the damage. */
export interface DamagedThing {
  readonly kind: 'container' | 'image' | 'reference' | 'volume' | 'network';
  /** What `rm`, `rmi` and the like take. */
  readonly id: string;
  /** As messages call it: `web (0123456789ab)`. */
  readonly label: string;
  readonly hint: string;
}

/**
 * What could be read, and for each object that is there but cannot be read a `store-corrupt` error of
 * {@link damageTo}. For showing only: whoever deletes what nothing needs must not go on beside damage.
 */
export interface Survey<T> {
  readonly found: readonly T[];
  readonly damaged: readonly SampanError[];
}

/** The error of a damaged file as one about the object that it belongs to; any other error as it is. */
export function damageTo(thing: DamagedThing, error: unknown): unknown {
  if (!isSampanError(error, 'store-corrupt')) return error;
  const { kind, id } = thing;
  return new SampanError('store-corrupt', `The ${kind} ${thing.label} is damaged. ${error.message}`, {
    hint: thing.hint,
    detail: { ...error.detail, kind, id },
    cause: error.cause,
  });
}

/** The outcomes of reading many: undefined ones are left out, damage is collected, other errors are thrown. */
export async function survey<T>(reads: readonly Promise<T | undefined>[]): Promise<Survey<T>> {
  const found: T[] = [];
  const damaged: SampanError[] = [];
  for (const outcome of await Promise.allSettled(reads)) {
    if (outcome.status === 'fulfilled') {
      if (outcome.value !== undefined) found.push(outcome.value);
    } else if (isSampanError(outcome.reason, 'store-corrupt')) damaged.push(outcome.reason);
    else throw outcome.reason;
  }
  return { found, damaged };
}

/** What was found when nothing is damaged; throws the first damage otherwise. */
export function whole<T>({ found, damaged }: Survey<T>): readonly T[] {
  if (damaged[0] !== undefined) throw damaged[0];
  return found;
}

/** Undefined for a file that is damaged. */
export async function unlessDamaged<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isSampanError(error, 'store-corrupt')) return undefined;
    throw error;
  }
}
