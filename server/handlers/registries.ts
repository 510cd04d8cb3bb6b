import type { HandlersOf } from './call.ts';

export const registryHandlers: HandlersOf<'sampan/registry/'> = {
  'sampan/registry/login': async (login, { engine, signal }) => {
    const { plainFile, shadowedBy } = await engine.images.login(login, signal);
    return {
      ...(plainFile !== undefined && { plainFile }),
      ...(shadowedBy !== undefined && { shadowedBy }),
    };
  },
  'sampan/registry/logout': async ({ registry }, { engine }) => engine.images.logout(registry),
};
