import { readFile } from 'node:fs/promises';
import { SampanError } from '../common/errors.ts';
import type { ArchiveFile, BuildOutput as EngineOutput } from '../engine/build/types.ts';
import { tagName } from '../engine/image/registration.ts';
import type { BuildOutput, BuildParams } from '../protocol/types.ts';
import type { HandlersOf } from './call.ts';
import { coalesceBuild } from './coalesce.ts';
import { toImageSummary } from './convert.ts';
import { fillRecords, writeArchive } from './files.ts';
import { openLayoutFolder } from './layoutFolder.ts';

export const buildHandlers: HandlersOf<'sampan/build'> = {
  'sampan/build': async (params, { engine, signal, notify }) => {
    const { contextDirectory, dockerfile: path, dockerfileText, token, outputs, ...options } = params;
    const text = dockerfileText ?? (await readDockerfile(path));
    const events = coalesceBuild(event => notify('sampan/build/event', { token, event }));
    try {
      const { image, imageId, digest, ...counts } = await engine.builder.build({
        ...options,
        ...(outputs && { outputs: outputs.map(toOutput) }),
        contextDirectory,
        dockerfile: { path, text },
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
  },
};

function toOutput(output: BuildOutput): EngineOutput {
  if (output.kind === 'rootfs-archive') {
    return {
      kind: 'rootfs-archive',
      file: produce => writeArchive(output.path, sink => fillRecords(sink, produce)),
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
