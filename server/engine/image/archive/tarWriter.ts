import { SampanError } from '../../../common/errors.ts';
import type { ByteSink } from '../../runtime/types.ts';
import type { ArchiveWriter } from '../types.ts';
import { blockSize, encodeTarHeader, paddingOf } from './tarHeader.ts';

/** Writes a tar of small names without owners or times: the same content gives the same bytes. */
export function openTarWriter(sink: ByteSink): ArchiveWriter {
  async function stream(
    file: { readonly name: string; readonly size: number },
    produce: (write: ByteSink) => Promise<void>,
  ): Promise<void> {
    await sink(encodeTarHeader({ ...file, type: 'file' }));
    let written = 0;
    await produce(async chunk => {
      written += chunk.length;
      if (written > file.size) throw wrongSize(file, written);
      await sink(chunk);
    });
    if (written !== file.size) throw wrongSize(file, written);
    const padding = paddingOf(file.size);
    if (padding > 0) await sink(Buffer.alloc(padding));
  }

  return {
    directory: async name => sink(encodeTarHeader({ name, size: 0, type: 'directory' })),
    file: (name, content) => stream({ name, size: content.length }, async write => write(content)),
    stream,
    // Two zero blocks, POSIX pax "ustar Interchange Format".
    end: async () => sink(Buffer.alloc(2 * blockSize)),
  };
}

function wrongSize(file: { readonly name: string; readonly size: number }, written: number): SampanError {
  return new SampanError(
    'store-corrupt',
    `The store gives ${written} bytes for ${file.name} where ${file.size} were recorded.`,
    { hint: 'Remove the image and build, pull or load it again.', detail: { name: file.name } },
  );
}
