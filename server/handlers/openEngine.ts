import { SampanError } from '../common/errors.ts';
import type { Engine } from '../engine/types.ts';
import type { Environment } from './environment.ts';

/** Opens the engine on this machine's state folders. */
export async function openEngine(environment: Environment): Promise<Engine> {
  throw new SampanError('unsupported', `There is no engine for ${environment.root} yet.`);
}
