import { createWriteStream, fstatSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CliFailure } from './failure.ts';

/**
 * Gives `use` a file to read: `input`, or stdin when it is undefined. Readers of archives go back and forth,
 * so a pipe is first copied into a temporary file, which is removed afterwards.
 */
export async function withStdinFile<T>(
  input: string | undefined,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (input !== undefined && input !== '-') return use(await existing(input));
  if (fstatSync(0).isFile()) return use('/proc/self/fd/0');
  const folder = await mkdtemp(join(tmpdir(), 'sampan-'));
  try {
    const path = join(folder, 'stdin');
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CliFailure(`open ${path}: no such file or directory`);
  return resolve(path);
}

/** All of stdin as text. */
export async function stdinText(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
