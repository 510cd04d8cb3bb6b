import { join } from 'node:path';
import { loadNative, type Native } from '../engine/native.ts';
import type { Engine } from '../engine/types.ts';
import type { Environment } from './environment.ts';

// The bundler puts the version in, so its absence means that the sources run as they are.
const isBundled = process.env.SAMPAN_VERSION !== undefined;

/** Where `sampan.node` and `sampan-init` are: beside the bundle, or where the build of this checkout puts them. */
const nativeDirectory = isBundled ? import.meta.dirname : join(import.meta.dirname, '../../dist');

/** What only native code can do, for those who need no engine. */
export function loadNativeAddon(): Native {
  return loadNative(nativeDirectory);
}

/** Opens the engine on this machine's state folders. Its code is loaded only now. */
export async function openEngine({ root, run, log }: Environment): Promise<Engine> {
  const engine = await import('../engine/engine.ts');
  return engine.openEngine({ root, run, log, nativeDirectory });
}
