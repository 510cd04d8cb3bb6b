import { homedir } from 'node:os';
import { join } from 'node:path';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, message: string) => void;

/** Where things are and how much is logged, from `SAMPAN_ROOT`, `SAMPAN_RUN`, `SAMPAN_LOG` and the XDG folders. */
export interface Environment {
  readonly root: string;
  readonly run: string;
  readonly log: Log;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Defaults as in ARCHITECTURE.md "State on disk". Logs go to `say`, `warn` and above unless said otherwise, each as `line` writes it. */
export function readEnvironment(
  environment: NodeJS.ProcessEnv,
  line: (level: LogLevel, message: string) => string = datedLine,
  say: (line: string) => void = text => process.stderr.write(`${text}\n`),
): Environment {
  // Not os.userInfo, which asks the machine's account services: milliseconds where those are a network away.
  const uid = process.geteuid?.() ?? 0;
  return {
    root: environment.SAMPAN_ROOT || defaultRoot(environment, { uid, home: environment.HOME || homedir() }),
    run: environment.SAMPAN_RUN || defaultRun(environment, uid),
    log: leveledLog(environment.SAMPAN_LOG, (level, message) => say(line(level, message))),
  };
}

function defaultRoot(
  environment: NodeJS.ProcessEnv,
  user: { readonly uid: number; readonly home: string },
): string {
  if (user.uid === 0) return '/var/lib/sampan';
  return join(environment.XDG_DATA_HOME || join(user.home, '.local/share'), 'sampan');
}

function defaultRun(environment: NodeJS.ProcessEnv, uid: number): string {
  if (uid === 0) return '/run/sampan';
  return join(environment.XDG_RUNTIME_DIR || `/tmp/sampan-${uid}`, 'sampan');
}

function datedLine(level: LogLevel, message: string): string {
  return `${new Date().toISOString()} ${level} ${message}`;
}

function leveledLog(wanted: string | undefined, log: Log): Log {
  const least = Math.max(levels.indexOf((wanted ?? 'warn') as LogLevel), 0);
  return (level, message) => {
    if (levels.indexOf(level) >= least) log(level, message);
  };
}
