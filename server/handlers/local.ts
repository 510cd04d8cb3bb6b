import { makeFolder } from '../engine/store/folder.ts';
import type { Notify } from './call.ts';
import { type LogLevel, readEnvironment } from './environment.ts';
import { loadNativeAddon, openEngine } from './openEngine.ts';
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

/** Sessions for a command server: all use one engine, which stays open. */
export interface SharedSessions {
  readonly open: (notify: Notify) => Session;
  /** The user at the other end of a Unix socket. Throws Node's errors. */
  readonly peerUser: (fd: number) => number;
  /** Takes a lock that ends with this process; false when another has it. */
  readonly tryLock: (path: string) => Promise<boolean>;
  /** Runtime folder and store, made when missing. */
  readonly run: string;
  readonly root: string;
  close(): Promise<void>;
}

/** @param say gets what the engine logs, a line each */
export async function openSharedSessions(options: {
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}): Promise<SharedSessions> {
  const environment = readEnvironment(options.environment, commandLine, options.say);
  const native = loadNativeAddon();
  await makeFolder(environment.run);
  await makeFolder(environment.root);
  const shared = new Session({
    openEngine: () => openEngine(environment),
    version: options.version,
    notify: () => undefined,
    watch: false,
  });
  return {
    open: notify =>
      new Session({
        openEngine: async () => ({ ...(await shared.engine()), close: async () => undefined }),
        version: options.version,
        notify,
        watch: false,
      }),
    peerUser: fd => native.peerUser(fd),
    tryLock: async path => (await native.tryLockFile(path, 'exclusive')) !== undefined,
    run: environment.run,
    root: environment.root,
    close: () => shared.close(),
  };
}
