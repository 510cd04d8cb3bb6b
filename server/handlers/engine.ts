import type { HandlersOf } from './call.ts';
import { toDiskUsage, toEngineInfo, toStoreEvent } from './convert.ts';
import { told } from './damage.ts';

export const engineHandlers: HandlersOf<'sampan/engine/' | 'sampan/network/'> = {
  'sampan/engine/info': async (_params, { engine }) => toEngineInfo(await engine.info()),
  'sampan/engine/events': async (params, { engine, signal }) => {
    const { events, ...rest } = await engine.readEvents({ ...params, signal });
    return { events: events.map(toStoreEvent), ...rest };
  },
  'sampan/engine/usage': async (_params, { engine }) => toDiskUsage(await engine.diskUsage()),
  'sampan/network/create': async (params, { engine }) => engine.createNetwork(params),
  'sampan/network/remove': async ({ network }, { engine }) => {
    await engine.removeNetwork(network);
    return {};
  },
  'sampan/network/list': async (_params, { engine, warn }) => {
    const { found, damaged } = await engine.surveyNetworks();
    return { networks: found, damaged: told(damaged, warn) };
  },
};
