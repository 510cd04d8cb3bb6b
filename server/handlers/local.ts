import type { Notify } from './call.ts';
import { readEnvironment } from './environment.ts';
import { openEngine } from './openEngine.ts';
import { Session } from './session.ts';

/**
 * A session inside the caller's process, for the command: the same requests, no transport, no watching of
 * the store. The engine opens at the first request.
 */
export function openSession(options: {
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly notify: Notify;
}): Session {
  const environment = readEnvironment(options.environment);
  return new Session({
    openEngine: () => openEngine(environment),
    version: options.version,
    notify: options.notify,
    watch: false,
  });
}
