import type { Digest } from '../../../common/digest.ts';

/** A terminal or view cannot show more. */
const progressIntervalMs = 100;

/** The digits of a digest that progress goes by, as docker's. */
export function shortId(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** Tells at most every 100 ms. */
export function throttled(tell: (current: number) => void): (current: number) => void {
  let last = 0;
  return current => {
    const now = Date.now();
    if (now - last < progressIntervalMs) return;
    last = now;
    tell(current);
  };
}

/**
 * The results of `work` on each item, in their order, at most `parallel` at a time. After a failure nothing new begins;
 * it is thrown when what runs has ended.
 */
export async function eachAtOnce<T, R>(
  items: readonly T[],
  parallel: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const [index, item] of queue) {
        if (failure) return;
        try {
          results[index] = await work(item, index);
        } catch (error) {
          failure ??= { error };
        }
      }
    }),
  );
  if (failure) throw failure.error;
  return results;
}
