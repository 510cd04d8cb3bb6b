import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { temporaryPath } from '../store/atomic.ts';
import { fileFailure } from '../store/failure.ts';
import type { StorePaths } from '../store/paths.ts';
import { cancelled } from './stepFailure.ts';

/** A fetched file, alone in a folder. */
export interface Download {
  readonly directory: string;
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
  /** From Last-Modified. */
  readonly mtimeNs: bigint | undefined;
  remove(): Promise<void>;
}

export interface DownloadOptions {
  readonly url: string;
  /** sha256 in hex that the content must have. */
  readonly expected: string | undefined;
  readonly paths: StorePaths;
  readonly signal: AbortSignal;
}

/**
 * Fetch an ADD source over http(s), following redirects. The name is that of the address as written, as
 * BuildKit has it (source/http), never of a redirect or of Content-Disposition.
 *
 * @throws SampanError `build-failed`: no answer, a status other than 2xx, another checksum
 */
export async function download(options: DownloadOptions): Promise<Download> {
  const response = await request(options);
  const directory = temporaryPath(options.paths, 'download');
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await mkdir(directory, { mode: 0o700 });
    const name = nameOf(options.url);
    const { sha256, size } = await receive(response, { path: join(directory, name), options });
    if (options.expected !== undefined && options.expected !== sha256) {
      throw failed(options.url, `its checksum is sha256:${sha256}, expected sha256:${options.expected}`);
    }
    return { directory, name, sha256, size, mtimeNs: modified(response), remove };
  } catch (error) {
    await remove();
    throw fileFailure(error, `Downloading ${options.url}`);
  }
}

/** The hex digits of `--checksum=sha256:…`. */
export function checksumOf(text: string): string {
  const match = /^sha256:([0-9a-f]{64})$/.exec(text);
  if (match?.[1]) return match[1];
  throw new SampanError('dockerfile-invalid', `The checksum "${text}" is not a sha256 digest.`, {
    hint: 'Write --checksum=sha256: and 64 hexadecimal digits.',
  });
}

async function request({ url, signal }: DownloadOptions): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal.aborted) throw cancelled();
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw failed(url, cause);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw failed(url, `invalid response status ${response.status}`);
}

async function receive(
  response: Response,
  { path, options }: { readonly path: string; readonly options: DownloadOptions },
): Promise<{ readonly sha256: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of response.body ?? []) {
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk);
    }
  } catch (error) {
    if (options.signal.aborted) throw cancelled();
    if (error instanceof TypeError) throw failed(options.url, `the connection broke: ${error.message}`);
    throw error;
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), size };
}

function nameOf(url: string): string {
  const { pathname } = new URL(url);
  const name = pathname.endsWith('/') ? '' : posix.basename(pathname);
  return name === '' || name === '.' || name === '..' ? '__unnamed__' : name;
}

function modified(response: Response): bigint | undefined {
  const time = Date.parse(response.headers.get('last-modified') ?? '');
  return Number.isNaN(time) ? undefined : BigInt(time) * 1_000_000n;
}

function failed(url: string, reason: string): SampanError {
  return new SampanError('build-failed', `Failed to load ${url}: ${reason}.`, {
    hint: 'Check the address and the network of this machine.',
    detail: { url },
  });
}
