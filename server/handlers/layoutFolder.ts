import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { ArchiveWriter } from '../engine/image/types.ts';
import { sinkOf } from '../engine/runtime/fs-streams.ts';

/**
 * Writes the members of an archive as files into a folder, which is made. Each file appears whole; the index
 * of a layout is written after its blobs, so a layout that was there stays one until then.
 */
export function openLayoutFolder(folder: string): ArchiveWriter {
  const directory = async (name: string): Promise<void> => {
    await mkdir(join(folder, name), { recursive: true });
  };
  return {
    directory,
    async file(name, content) {
      await directory('.');
      const part = join(folder, `${name}.part`);
      await writeFile(part, content);
      await rename(part, join(folder, name));
    },
    async stream({ name }, produce) {
      const part = join(folder, `${name}.part`);
      const file = createWriteStream(part);
      const closed = finished(file);
      closed.catch(() => undefined);
      await produce(sinkOf(file));
      file.end();
      await closed;
      await rename(part, join(folder, name));
    },
    end: async () => {},
  };
}
