import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const busybox = '/bin/busybox';

/** Why the command cannot be run here, or false. */
export const cannotRun: string | false = ['sampan', 'sampan-init', 'sampan.node'].some(
  name => !existsSync(join(dist, name)),
)
  ? 'dist/ is not built'
  : !existsSync(busybox) && 'the static busybox is not installed';

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command with state folders of its own, and an image `base` of the machine's busybox. */
export interface CommandSandbox {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Runs one command line to its end. Its output may hold any bytes: it is read as latin1. */
  sampan(args: readonly string[], options?: { input?: string | Buffer }): Promise<Result>;
  /** As `sampan`, but throws when the exit code is not 0; gives stdout without the last new line. */
  ok(...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

export async function openSandbox(): Promise<CommandSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'sc-'));
  const environment = {
    ...process.env,
    SAMPAN_ROOT: join(folder, 'root'),
    SAMPAN_RUN: join(folder, 'run'),
    HOME: folder,
    XDG_CACHE_HOME: '',
  };
  const sampan = (args: readonly string[], options: { input?: string | Buffer } = {}) =>
    runCommand(args, { environment, cwd: folder, ...options });
  const ok = async (...args: string[]) => {
    const result = await sampan(args);
    if (result.code !== 0)
      throw new Error(`sampan ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
    return result.stdout.replace(/\n$/, '');
  };
  await ok('import', '-c', 'CMD ["sh"]', baseArchive(folder), 'base');
  return {
    folder,
    environment,
    sampan,
    ok,
    async remove() {
      const ids = await ok('ps', '-aq');
      if (ids !== '') await ok('rm', '-f', '-v', ...ids.split('\n'));
      execFileSync(join(dist, 'sampan-init'), ['dismiss', environment.SAMPAN_RUN]);
      await removeFolder(folder);
    },
  };
}

/** The pid of the command server of a runtime folder, found by its lock; undefined when there is none. */
export function commandServer(run: string): number | undefined {
  const lock = join(run, 'commands.lock');
  const pids = readdirSync('/proc').map(Number).filter(Boolean);
  return pids.find(pid => openFiles(pid).includes(lock));
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // it ended meanwhile, or is not ours
  }
}

function runCommand(
  args: readonly string[],
  options: { environment: NodeJS.ProcessEnv; cwd: string; input?: string | Buffer },
): Promise<Result> {
  const child = spawn(join(dist, 'sampan'), args, { env: options.environment, cwd: options.cwd });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('latin1').on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({ code, ...output }));
  });
}

/** A root file system: busybox with the names of its applets, and a user. */
function baseArchive(folder: string): string {
  const root = join(folder, 'base');
  for (const name of ['bin', 'etc', 'tmp', 'root', 'proc', 'dev', 'sys'])
    mkdirSync(join(root, name), { recursive: true });
  execFileSync('cp', [busybox, join(root, 'bin/busybox')]);
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/tmp:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\napp:x:1000:\n');
  const archive = join(folder, 'base.tar');
  execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.']);
  return archive;
}

/** Rootless, what containers wrote belongs to sub-ids: only a user namespace that maps them may remove it. */
async function removeFolder(folder: string): Promise<void> {
  if (process.getuid?.() === 0) execFileSync('rm', ['-rf', folder]);
  else execFileSync('unshare', ['--map-root-user', '--map-auto', 'rm', '-rf', folder]);
}
