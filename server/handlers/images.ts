import { createReadStream } from 'node:fs';
import { SampanError } from '../common/errors.ts';
import { hostPlatform, type Platform, parsePlatform } from '../common/platform.ts';
import type { Image } from '../engine/image/types.ts';
import type { PullProgress, PushProgress } from '../protocol/types.ts';
import type { Call, HandlersOf } from './call.ts';
import { coalesceLayers } from './coalesce.ts';
import { toFamiliar, toImageDetail, toImageSummary } from './convert.ts';
import { told } from './damage.ts';
import { writeArchive } from './files.ts';

const all = { all: true };

export const imageHandlers: HandlersOf<'sampan/image/'> = {
  'sampan/image/list': async (_params, { engine, warn }) => {
    const [images, containers] = await Promise.all([engine.images.survey(), engine.containers.survey(all)]);
    return {
      images: images.found.map(image => toImageSummary(image, containers.found)),
      damaged: told(images.damaged, warn),
    };
  },
  'sampan/image/inspect': async ({ image }, { engine }) => {
    const found = await engine.images.resolve(image);
    const [layers, containers] = await Promise.all([
      engine.images.layers(found),
      engine.containers.survey(all),
    ]);
    return toImageDetail(found, { layers, containers: containers.found });
  },
  'sampan/image/pull': async ({ reference, ...options }, call) =>
    toImageSummary(await pull(reference, { ...options, call }), []),
  'sampan/image/push': async ({ reference, all, platform, token }, { engine, signal, notify }) => {
    const sent = coalesceLayers((progress: PushProgress) => {
      if (token !== undefined) notify('sampan/push/progress', { token, progress });
    });
    try {
      const pushed = await engine.images.push(reference, {
        all,
        signal,
        platform: platform === undefined ? undefined : toPlatform(platform),
        onProgress: progress => sent.push(progress),
      });
      return { pushed: pushed.map(one => ({ ...one, reference: toFamiliar(one.reference) })) };
    } finally {
      sent.flush();
    }
  },
  'sampan/image/load': async ({ path }, { engine, signal }) => ({
    images: (await engine.images.load(path, { signal })).map(image => toImageSummary(image, [])),
  }),
  'sampan/image/save': async ({ images, path, format }, { engine, signal }) => {
    // Looked up first, so that a wrong name leaves no file behind.
    for (const image of images) await engine.images.resolve(image);
    await writeArchive(path, sink => engine.images.save(images, sink, { format, signal }));
    return {};
  },
  'sampan/image/import': async ({ path, changes = [], platform, ...options }, { engine }) => {
    const { applyChanges } = await import('../engine/build/changes.ts');
    const image = await engine.images.import(createReadStream(path), {
      ...options,
      config: applyChanges({}, changes),
      ...(platform === undefined ? {} : { platform: toPlatform(platform) }),
    });
    return toImageSummary(image, []);
  },
  'sampan/image/tag': async ({ image, reference }, { engine }) => {
    await engine.images.tag((await engine.images.resolve(image)).id, reference);
    return {};
  },
  'sampan/image/untag': async ({ reference }, { engine }) => {
    await engine.images.untag(reference);
    return {};
  },
  'sampan/image/remove': async ({ image, force }, { engine }) => {
    const removed = await engine.images.remove(image, { force, usedBy: engine.containers.usersOfImage });
    return { untagged: removed.untagged.map(toFamiliar), deleted: removed.deleted };
  },
};

interface PullChoice {
  readonly platform?: string;
  readonly token?: string;
  readonly call: Call;
}

/** Sees to it that an image is here, by docker's `--pull` policy. Throws `not-found` when it may not be fetched. */
export async function ensureImage(
  reference: string,
  options: PullChoice & { readonly pull?: 'missing' | 'always' | 'never' },
): Promise<void> {
  const policy = options.pull ?? 'missing';
  if (policy !== 'always') {
    const found = await options.call.engine.images.find(reference);
    if (found !== undefined) return;
  }
  if (policy === 'never') {
    throw new SampanError('not-found', `No such image: ${reference}`, {
      hint: 'Pull or build it first, or leave --pull=never out.',
      detail: { image: reference },
    });
  }
  await pull(reference, options);
}

async function pull(reference: string, { platform, token, call }: PullChoice): Promise<Image> {
  const wanted = {
    signal: call.signal,
    ...(platform === undefined ? {} : { platform: toPlatform(platform) }),
  };
  if (token === undefined) return call.engine.images.pull(reference, wanted);
  const sent = coalesceLayers((progress: PullProgress) =>
    call.notify('sampan/pull/progress', { token, progress }),
  );
  try {
    return await call.engine.images.pull(reference, {
      ...wanted,
      onProgress: progress => sent.push(progress),
    });
  } finally {
    sent.flush();
  }
}

function toPlatform(text: string): Platform {
  return parsePlatform(text, hostPlatform(process.arch));
}
