import type { Notify } from './call.ts';
import { type LogLevel, readEnvironment } from './environment.ts';
import { openEngine } from './openEngine.ts';
import { Session } from './session.ts';

/** What docker's command prints; with the time for whoever asked for a log. */
function commandLine(level: LogLevel, message: string): string {
  return `${level === 'warn' ? 'WARNING' : level}: ${message}`;
}

/**
 * A session inside the caller's process, for the command: the same requests, no transport, no watching of
 * the store. The engine opens at the first request.
 */
export function openSession(options: {
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly notify: Notify;
}): Session {
  const environment = readEnvironment(options.environment, commandLine);
  return new Session({
    openEngine: () => openEngine(environment),
    version: options.version,
    notify: options.notify,
    watch: false,
  });
}
