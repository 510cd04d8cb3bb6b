import type { Writable } from 'node:stream';
import type { ByteSink } from './types.ts';

/** Writes to a stream, at its pace. The chunk may be used again afterwards. */
export function sinkOf(stream: Writable): ByteSink {
  return chunk =>
    new Promise((resolve, reject) => {
      stream.write(Buffer.from(chunk), error => (error ? reject(error) : resolve()));
    });
}

/**
 * Run a request with an input that may fail itself: then the helper sees a stream that ends early and answers,
 * so the session stays usable, and the input's own error is what the caller gets.
 */
export async function withInput<T>(
  source: AsyncIterable<Uint8Array>,
  run: (input: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  let failed: { readonly error: unknown } | undefined;
  async function* guarded(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      failed = { error };
    }
  }
  try {
    const result = await run(guarded());
    if (!failed) return result;
  } catch (error) {
    if (!failed) throw error;
  }
  throw failed.error;
}

/** Run a request with a sink that may fail: the rest is dropped, the session stays usable, the sink's error is thrown. */
export async function withSink<T>(
  sink: ByteSink,
  run: (onData: (chunk: Buffer) => Promise<void> | undefined) => Promise<T>,
): Promise<T> {
  let failed: { readonly error: unknown } | undefined;
  const keep = (error: unknown) => {
    failed ??= { error };
  };
  const onData = (chunk: Buffer) => {
    if (failed) return undefined;
    try {
      return sink(chunk)?.catch(keep);
    } catch (error) {
      keep(error);
      return undefined;
    }
  };
  const result = await run(onData);
  if (failed) throw failed.error;
  return result;
}
