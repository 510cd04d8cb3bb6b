import { buildHandlers } from './build.ts';
import type { EngineMethod, Handler } from './call.ts';
import { containerHandlers } from './containers.ts';
import { engineHandlers } from './engine.ts';
import { fileHandlers } from './fileRequests.ts';
import { imageHandlers } from './images.ts';
import { registryHandlers } from './registries.ts';
import { volumeHandlers } from './volumes.ts';

/** Every method of the protocol but the handshake. A method without a handler does not compile. */
export const handlers: { readonly [M in EngineMethod]: Handler<M> } = {
  ...engineHandlers,
  ...imageHandlers,
  ...registryHandlers,
  ...buildHandlers,
  ...containerHandlers,
  ...volumeHandlers,
  ...fileHandlers,
};
