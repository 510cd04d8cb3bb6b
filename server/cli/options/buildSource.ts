import { readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { SampanError } from '../../common/errors.ts';
import { remoteContextOf } from '../../common/remoteContext.ts';
import type { BuildParams } from '../../protocol/types.ts';
import { CliFailure, usageFailure } from '../failure.ts';
import { dockerfileExcerpt } from '../progress/excerpt.ts';
import { stdinText, withStdinFile } from '../streams.ts';

/** Where the context and the Dockerfile are. */
export type BuildSource = Pick<
  BuildParams,
  'contextDirectory' | 'remoteContext' | 'dockerfile' | 'dockerfileText'
>;

/**
 * What `build CONTEXT -f FILE` names: a folder, an address, or `-` for an archive or a Dockerfile on stdin,
 * which lasts as long as `use`. `-f -` is a Dockerfile on stdin, for the context that is named.
 */
export async function withBuildSource<T>(
  context: string,
  file: string | undefined,
  use: (source: BuildSource) => Promise<T>,
): Promise<T> {
  if (context !== '-') return use(await sourceOf(context, file));
  refuseTerminal('build context');
  if (file === '-')
    throw usageFailure('invalid argument: context and Dockerfile cannot both come from stdin');
  return withStdinFile(undefined, path =>
    use({ remoteContext: { kind: 'file', path }, dockerfile: file ?? 'Dockerfile' }),
  );
}

/** The lines of the Dockerfile at which a build failed, as BuildKit shows them. */
export async function excerptOf({ detail }: SampanError, source: BuildSource): Promise<string> {
  const line = Number(detail.line);
  return dockerfileExcerpt(await dockerfileText(detail, source), {
    name: dockerfileName(source),
    line,
    endLine: Number(detail.endLine ?? line),
  });
}

async function sourceOf(context: string, file: string | undefined): Promise<BuildSource> {
  const remoteContext = remoteContextOf(context);
  const text = file === '-' ? { dockerfileText: await dockerfileFromStdin() } : {};
  const named = file === '-' ? undefined : file;
  if (remoteContext !== undefined) return { remoteContext, dockerfile: named ?? 'Dockerfile', ...text };
  const contextDirectory = resolve(context);
  const found = await stat(contextDirectory).catch(() => undefined);
  if (found === undefined) throw new CliFailure(`unable to prepare context: path "${context}" not found`);
  if (!found.isDirectory()) throw new CliFailure(`unable to prepare context: "${context}" is not a folder`);
  const dockerfile = named === undefined ? join(contextDirectory, 'Dockerfile') : resolve(named);
  return { contextDirectory, dockerfile, ...text };
}

async function dockerfileFromStdin(): Promise<string> {
  refuseTerminal('Dockerfile');
  return stdinText();
}

function refuseTerminal(what: string): void {
  if (process.stdin.isTTY) throw usageFailure(`the ${what} is to come from stdin, but stdin is a terminal`);
}

async function dockerfileText(detail: SampanError['detail'], source: BuildSource): Promise<string> {
  if (source.dockerfileText !== undefined) return source.dockerfileText;
  if (typeof detail.dockerfile === 'string') return detail.dockerfile;
  return readFile(source.dockerfile, 'utf8').catch(() => '');
}

/** The Dockerfile as far as it is known before a build: of a remote context the name alone. */
export async function dockerfileOf(source: BuildSource): Promise<NamedDockerfile> {
  const name = dockerfileName(source);
  if (source.remoteContext !== undefined && source.dockerfileText === undefined) return { name };
  const text = source.dockerfileText ?? (await readFile(source.dockerfile, 'utf8').catch(() => undefined));
  return { name, ...(text !== undefined && { text }) };
}

export interface NamedDockerfile {
  readonly name: string;
  readonly text?: string;
}

/** How messages name the Dockerfile: by its path in the context, else by its name. */
export function dockerfileName({ contextDirectory, dockerfile }: BuildSource): string {
  const inside = contextDirectory === undefined ? '' : relative(contextDirectory, dockerfile);
  return inside === '' || inside.startsWith('..') ? basename(dockerfile) : inside;
}
