import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest } from '../common/digest.ts';
import { isSampanError, SampanError } from '../common/errors.ts';
import { remoteContextOf } from '../common/remoteContext.ts';
import { readFetchedDockerfile } from '../engine/build/remoteContext.ts';
import type {
  ArchiveFile,
  BuildOptions,
  BuildOutput as EngineOutput,
  CacheTarget as EngineTarget,
  FetchedContext,
  RemoteContext,
} from '../engine/build/types.ts';
import type { BlobPlace } from '../engine/image/exchange/types.ts';
import { tagName } from '../engine/image/registration.ts';
import type { BuildOutput, BuildParams, BuildResult, CachePlace, CacheTarget } from '../protocol/types.ts';
import type { Call, HandlersOf } from './call.ts';
import { coalesceBuild } from './coalesce.ts';
import { toCacheEntry, toImageSummary } from './convert.ts';
import { fillRecords, writeArchive } from './files.ts';
import { openLayoutFolder } from './layoutFolder.ts';

export const buildHandlers: HandlersOf<'sampan/build'> & HandlersOf<'sampan/cache/'> = {
  'sampan/cache/prune': async ({ all, unusedSeconds, keepBytes }, { engine }) => {
    const { entries, bytes } = await engine.pruneCache({
      all,
      ...(unusedSeconds !== undefined && { unusedMs: unusedSeconds * 1000 }),
      ...(keepBytes !== undefined && { keepBytes }),
    });
    return { entries: entries.map(toCacheEntry), bytes };
  },
  'sampan/build': (params, call) =>
    withDockerfile(params, call, (dockerfile, { contextDirectory, ...options }) =>
      runNamed({ ...options, contextDirectory, dockerfile }, call),
    ),
  'sampan/build/shell': ({ failedStep, ...options }, { engine }) =>
    engine.builder.openShell(failedStep, options),
  'sampan/build/forget': async ({ failedStep }, { engine }) => {
    await engine.builder.forget(failedStep);
    return {};
  },
  'sampan/build/call': (params, call) =>
    withDockerfile(params, call, async (dockerfile, options) => {
      const answer = await call.engine.builder.call({ ...options, dockerfile });
      return { ...answer, dockerfileText: dockerfile.text };
    }),
};

type Named = Pick<BuildParams, 'contextDirectory' | 'remoteContext' | 'dockerfile' | 'dockerfileText'>;

/** Gives `use` the Dockerfile, and the folder of a context that was to be fetched. */
async function withDockerfile<P extends Named, T>(
  { contextDirectory, remoteContext, dockerfile: path, dockerfileText, ...options }: P,
  call: Call,
  use: (
    dockerfile: BuildOptions['dockerfile'],
    options: Omit<P, keyof Named> & Pick<BuildOptions, 'contextDirectory'>,
  ) => Promise<T>,
): Promise<T> {
  if (remoteContext === undefined) {
    const text = dockerfileText ?? (await readDockerfile(path));
    return use({ path, text }, { ...options, contextDirectory });
  }
  return withFetched(remoteContext, call, async fetched => {
    const text = dockerfileText ?? fetched.dockerfileText ?? (await readFetchedDockerfile(fetched, path));
    const opened = { ...options, contextDirectory: fetched.directory };
    return withText(text, () => use({ path: join(fetched.directory, path), text }, opened));
  });
}

async function withFetched<T>(
  remote: RemoteContext,
  { engine, signal }: Call,
  use: (fetched: FetchedContext) => Promise<T>,
): Promise<T> {
  const fetched = await engine.builder.fetchContext(remote, { signal });
  try {
    return await use(fetched);
  } finally {
    await fetched.remove();
  }
}

/** Fetches the named contexts that are addresses, one after the other. */
async function runNamed(options: Opened, call: Call): Promise<BuildResult> {
  for (const [name, value] of Object.entries(options.contexts ?? {})) {
    const remote = remoteContextOf(value);
    if (remote === undefined) continue;
    return withFetched(remote, call, ({ directory }) =>
      runNamed({ ...options, contexts: { ...options.contexts, [name]: directory } }, call),
    );
  }
  return run(options, call);
}

type Opened = Omit<BuildParams, 'contextDirectory' | 'remoteContext' | 'dockerfile' | 'dockerfileText'> &
  Pick<BuildOptions, 'contextDirectory' | 'dockerfile'>;

async function run(
  { token, outputs, cacheFrom, cacheTo, ...options }: Opened,
  call: Call,
): Promise<BuildResult> {
  const { engine, signal, notify } = call;
  const events = coalesceBuild(event => notify('sampan/build/event', { token, event }));
  try {
    const { image, imageId, digest, ...counts } = await engine.builder.build({
      ...options,
      ...(outputs && { outputs: outputs.map(toOutput) }),
      ...(cacheFrom && { cacheFrom: cacheFrom.map(toPlace) }),
      ...(cacheTo && { cacheTo: cacheTo.map(toTarget) }),
      signal,
      onProgress: event => events.push(event),
    });
    return {
      ...(imageId !== undefined && { imageId }),
      ...(digest !== undefined && { digest }),
      tags: image ? toImageSummary(image, []).tags : [],
      ...counts,
    };
  } finally {
    events.flush();
  }
}

/** The caller cannot read what is fetched: a failure on a line brings the text along. */
async function withText<T>(dockerfile: string, build: () => Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    if (!isSampanError(error) || error.detail.line === undefined) throw error;
    const { code, message, hint, detail } = error;
    throw new SampanError(code, message, {
      ...(hint !== undefined && { hint }),
      detail: { ...detail, dockerfile },
      cause: error,
    });
  }
}

function toOutput(output: BuildOutput): EngineOutput {
  if (output.kind === 'rootfs-archive') {
    return {
      kind: 'rootfs-archive',
      file: produce => writeArchive(output.path, sink => fillRecords(sink, produce)),
    };
  }
  if (output.kind === 'registry') {
    const { names, ...form } = output;
    return {
      ...form,
      kind: 'image-archive',
      format: 'oci-archive',
      names: names.map(tagName),
      to: { registry: true },
    };
  }
  if (output.kind !== 'image-archive') return output;
  const { path, isFolder, names, ...options } = output;
  const file: ArchiveFile = produce => writeArchive(path, produce);
  return {
    ...options,
    names: names.map(tagName),
    to: isFolder ? { writer: openLayoutFolder(path) } : { file },
  };
}

function toTarget(target: CacheTarget): EngineTarget {
  const place = toPlace(target.place);
  return { ...target, place, ...(place.kind === 'folder' && { writer: openLayoutFolder(place.folder) }) };
}

function toPlace(place: CachePlace): BlobPlace {
  if (place.kind === 'registry') return place;
  const { digest } = place;
  if (digest === undefined || isDigest(digest)) return { ...place, digest };
  throw new SampanError('invalid-argument', `Invalid digest of a cache: "${digest}".`, {
    hint: 'A digest is sha256: and 64 hex digits.',
  });
}

async function readDockerfile(path: BuildParams['dockerfile']): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new SampanError(
      missing ? 'not-found' : 'invalid-argument',
      `Cannot read the Dockerfile ${path}: ${missing ? 'no such file' : reason(cause)}.`,
      { hint: 'Name it with -f, or name the folder that holds it.', detail: { path }, cause },
    );
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
