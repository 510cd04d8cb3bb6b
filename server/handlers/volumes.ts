import type { HandlersOf } from './call.ts';
import { toVolumeInfo } from './convert.ts';

const all = { all: true };

export const volumeHandlers: HandlersOf<'sampan/volume/'> = {
  'sampan/volume/list': async (_params, { engine }) => {
    const [volumes, containers] = await Promise.all([engine.volumes.list(), engine.containers.list(all)]);
    return { volumes: volumes.map(volume => toVolumeInfo(volume, containers)) };
  },
  'sampan/volume/inspect': async ({ volume }, { engine }) => {
    const [found, containers] = await Promise.all([engine.volumes.get(volume), engine.containers.list(all)]);
    return toVolumeInfo(found, containers);
  },
  'sampan/volume/create': async (params, { engine }) =>
    toVolumeInfo(await engine.volumes.create(params), await engine.containers.list(all)),
  'sampan/volume/remove': async ({ volume, force = false }, { engine }) => {
    await engine.volumes.remove(volume, { force });
    return {};
  },
};
