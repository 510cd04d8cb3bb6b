import { close, open, read } from 'node:fs';

const chunkSize = 8192;

/**
 * The text of a small regular file. Reading is two trips through the threads of libuv where readFile(3) of Node
 * makes four, and most of what an act on a container costs is such trips. Rejects with Node's errors.
 */
export async function readSmallFile(path: string): Promise<string> {
  const fd = await opened(path);
  try {
    const chunks: Buffer[] = [];
    for (;;) {
      const chunk = await readOnce(fd);
      chunks.push(chunk);
      // A regular file gives less than was asked for at its end only.
      if (chunk.length < chunkSize) return Buffer.concat(chunks).toString('utf8');
    }
  } finally {
    close(fd, () => undefined); // nobody waits for what cannot fail after reading
  }
}

function opened(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (error, fd) => (error ? reject(error) : resolve(fd)));
  });
}

function readOnce(fd: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafe(chunkSize);
    read(fd, buffer, 0, chunkSize, null, (error, size) =>
      error ? reject(error) : resolve(buffer.subarray(0, size)),
    );
  });
}
