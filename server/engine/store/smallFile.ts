import { close, open, read, write } from 'node:fs';

const chunkSize = 8192;

/**
 * The text of a small regular file. Reading is two trips through the threads of libuv where readFile(3) of Node
 * makes four, and most of what an act on a container costs is such trips. Rejects with Node's errors.
 */
export async function readSmallFile(path: string): Promise<string> {
  const fd = await opened(path, 'r');
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

/** Write a small file in place, 0600 when it is new; `wx` refuses one that exists. Rejects with Node's errors. */
export async function writeSmallFile(path: string, content: string, flags: 'w' | 'wx'): Promise<void> {
  const fd = await opened(path, flags);
  try {
    await writeWhole(fd, Buffer.from(content));
  } finally {
    close(fd, () => undefined); // as above: nothing is buffered that closing could lose
  }
}

function opened(path: string, flags: 'r' | 'w' | 'wx'): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, flags, 0o600, (error, fd) => (error ? reject(error) : resolve(fd)));
  });
}

/** A short write is a disk that has just become full: the rest says so. */
function writeWhole(fd: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, size) => {
      if (error) reject(error);
      else if (size === bytes.length) resolve();
      else writeWhole(fd, bytes.subarray(size)).then(resolve, reject);
    });
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
