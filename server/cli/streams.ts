import { createReadStream, createWriteStream, fstatSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SampanError } from '../common/errors.ts';
import { CliFailure, OutputClosed } from './failure.ts';
import { print } from './output.ts';

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
  return withTemporaryFile(async path => {
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return use(path);
  });
}

/**
 * Gives `use` a file to write: `output`, or this very process's stdout when it is undefined. A socket cannot
 * be opened by a path, so what goes there is written to a temporary file first. Throws for a terminal.
 */
export async function withOutputFile(
  output: string | undefined,
  use: (path: string) => Promise<unknown>,
): Promise<void> {
  if (output !== undefined && output !== '-') {
    await use(resolve(output));
    return;
  }
  if (process.stdout.isTTY) {
    throw new CliFailure('cowardly refusing to save to a terminal. Use the -o flag or redirect');
  }
  if (!fstatSync(1).isSocket()) {
    await use('/proc/self/fd/1').catch(error => {
      throw isBrokenPipe(error) ? new OutputClosed() : error;
    });
    return;
  }
  await withTemporaryFile(async path => {
    await use(path);
    for await (const chunk of createReadStream(path)) await print(chunk as Buffer);
  });
}

function isBrokenPipe(error: unknown): boolean {
  const cause = error instanceof SampanError ? error.cause : error;
  return cause instanceof Error && 'code' in cause && cause.code === 'EPIPE';
}

async function withTemporaryFile<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sampan-'));
  try {
    return await use(join(folder, 'archive'));
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
