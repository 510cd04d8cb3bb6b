import type { HandlersOf } from './call.ts';
import { toVolumeInfo } from './convert.ts';
import { told } from './damage.ts';

const all = { all: true };

export const volumeHandlers: HandlersOf<'sampan/volume/'> = {
  'sampan/volume/list': async (_params, { engine, warn }) => {
    const [volumes, containers] = await Promise.all([engine.volumes.survey(), engine.containers.survey(all)]);
    return {
      volumes: volumes.found.map(volume => toVolumeInfo(volume, containers.found)),
      damaged: told(volumes.damaged, warn),
    };
  },
  'sampan/volume/inspect': async ({ volume }, { engine }) =>
    toVolumeInfo(await engine.volumes.get(volume), (await engine.containers.survey(all)).found),
  'sampan/volume/create': async (params, { engine }) =>
    toVolumeInfo(
      await engine.volumes.create({ ...params, mend: true }),
      (await engine.containers.survey(all)).found,
    ),
  'sampan/volume/remove': async ({ volume, force = false }, { engine }) => {
    await engine.volumes.remove(volume, { force });
    return {};
  },
};
