import { readFile } from 'node:fs/promises';
import { SampanError } from '../common/errors.ts';
import type { BuildParams } from '../protocol/types.ts';
import type { HandlersOf } from './call.ts';
import { coalesceBuild } from './coalesce.ts';
import { toImageSummary } from './convert.ts';

export const buildHandlers: HandlersOf<'sampan/build'> = {
  'sampan/build': async (params, { engine, signal, notify }) => {
    const { contextDirectory, dockerfile: path, dockerfileText, token, ...options } = params;
    const text = dockerfileText ?? (await readDockerfile(path));
    const events = coalesceBuild(event => notify('sampan/build/event', { token, event }));
    try {
      const { image, ...counts } = await engine.builder.build({
        ...options,
        contextDirectory,
        dockerfile: { path, text },
        signal,
        onProgress: event => events.push(event),
      });
      return { imageId: image.id, tags: toImageSummary(image, []).tags, ...counts };
    } finally {
      events.flush();
    }
  },
};

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
