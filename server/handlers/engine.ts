import type { HandlersOf } from './call.ts';
import { toDiskUsage, toEngineInfo } from './convert.ts';
import { told } from './damage.ts';

export const engineHandlers: HandlersOf<'sampan/engine/' | 'sampan/network/'> = {
  'sampan/engine/info': async (_params, { engine }) => toEngineInfo(await engine.info()),
  'sampan/engine/usage': async (_params, { engine }) => toDiskUsage(await engine.diskUsage()),
  'sampan/network/list': async (_params, { engine, warn }) => {
    const { found, damaged } = await engine.surveyNetworks();
    return { networks: found, damaged: told(damaged, warn) };
  },
};
