import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, ContainerOptions } from '../../server/engine/container/types.ts';
import { openEngine } from '../../server/engine/engine.ts';
import { HelperRuntime } from '../../server/engine/runtime/client.ts';
import type { Engine } from '../../server/engine/types.ts';
import { killHolder } from '../runtime/support/sandbox.ts';
import { dist } from './store-support.ts';
import { pieces, type TarMember, tarOf } from './tar-support.ts';

export { eventually, isRoot } from '../runtime/support/sandbox.ts';

/** A real engine in folders of its own, with the image `busybox` in it. */
export interface TestEngine {
  readonly engine: Engine;
  /** Holds SAMPAN_ROOT (`root`) and SAMPAN_RUN (`run`), and whatever a test puts there. */
  readonly base: string;
  readonly root: string;
  readonly run: string;
  /** What the engine logged as a warning or error. */
  readonly complaints: readonly string[];
  /** One more engine on the same folders, as another process would open it. */
  reopen(): Promise<Engine>;
  /** Create, start, wait; output from the log. The container stays unless `autoRemove`. */
  runToEnd(options: Partial<ContainerOptions>): Promise<Finished>;
  /** Create and start. */
  start(options: Partial<ContainerOptions>): Promise<Container>;
  output(container: string): Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** Removes containers, volumes, processes, folders. */
  close(): Promise<void>;
}

export interface Finished {
  readonly container: Container;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const busybox = '/bin/busybox';

/** Why integration tests cannot run here, or undefined. */
export function engineUnavailable(): string | undefined {
  if (!existsSync(busybox)) return `${busybox} is missing: install busybox-static`;
  if (!existsSync(join(dist, 'sampan-init'))) return 'the native parts are not built: npm run build';
  return undefined;
}

export async function openTestEngine(): Promise<TestEngine> {
  const base = mkdtempSync(join(tmpdir(), 'sp-'));
  const [root, run] = [join(base, 'root'), join(base, 'run')];
  const complaints: string[] = [];
  const engines: Engine[] = [];
  const reopen = async () => {
    const opened = await openEngine({
      root,
      run,
      nativeDirectory: dist,
      idleSeconds: 1,
      log: (level, message) => {
        if (level === 'warn' || level === 'error') complaints.push(message);
      },
    });
    engines.push(opened);
    return opened;
  };
  const engine = await reopen();
  await importBusybox(engine);

  const start = async (options: Partial<ContainerOptions>) => {
    const { id } = await engine.containers.create({ image: 'busybox', ...options });
    return (await engine.containers.start(id)).container;
  };
  const output = (container: string) => readOutput(engine, container);

  return {
    engine,
    base,
    root,
    run,
    complaints,
    reopen,
    start,
    output,
    async runToEnd(options) {
      const { id } = await start(options);
      const exitCode = await engine.containers.wait(id);
      const container = await engine.containers.get(id);
      return { container, exitCode, ...(await output(id)) };
    },
    async close() {
      for (const { id } of await engine.containers.list({ all: true }))
        await engine.containers.remove(id, { force: true, volumes: true });
      for (const one of engines) await one.close();
      await removeFolders({ base, root, run });
    },
  };
}

async function readOutput(engine: Engine, container: string) {
  const page = await engine.containers.readLog(container, {
    follow: false,
    maxBytes: Number.MAX_SAFE_INTEGER,
  });
  const of = (stream: 'stdout' | 'stderr') =>
    page.records.flatMap(record => (record.stream === stream ? [record.text] : [])).join('');
  return { stdout: of('stdout'), stderr: of('stderr') };
}

interface Folders {
  readonly base: string;
  readonly root: string;
  readonly run: string;
}

/** Rootless, what containers wrote belongs to sub-ids: only a session may remove it. As root the bridge is the host's. */
async function removeFolders({ base, root, run }: Folders): Promise<void> {
  const runtime = new HelperRuntime({ root, run, helper: join(dist, 'sampan-init') });
  const record = join(root, 'networks/bridge/record.json');
  if (existsSync(record)) await runtime.removeNetwork(JSON.parse(readFileSync(record, 'utf8')).bridge);
  const session = await runtime.openFs();
  await session.removeTree([root]);
  await session.close();
  killHolder(run);
  await rm(base, { recursive: true, force: true });
}

/** `busybox`: the machine's static busybox with every applet, users `root`, `app` (1000) and a group that lists it. */
export async function importBusybox(engine: Engine, extra: readonly TarMember[] = []): Promise<void> {
  await engine.images.import(pieces(tarOf([...rootfs(), ...extra]), 1 << 16), {
    tags: ['busybox'],
    config: { Cmd: ['sh'], Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] },
  });
}

let members: readonly TarMember[] | undefined;

function rootfs(): readonly TarMember[] {
  members ??= [
    ...['bin/', 'etc/', 'home/', 'root/', 'tmp/', 'var/'].map(name => ({
      name,
      type: '5',
      mode: name === 'tmp/' ? 0o1777 : 0o755,
    })),
    { name: 'bin/busybox', content: readFileSync(busybox), mode: 0o755 },
    ...applets().map(applet => ({ name: `bin/${applet}`, type: '2', link: 'busybox', mode: 0o777 })),
    { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n' },
    { name: 'etc/group', content: 'root:x:0:\napp:x:1000:\nstaff:x:50:app\n' },
  ];
  return members;
}

function applets(): readonly string[] {
  const names = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  return names.filter(name => name !== 'busybox');
}
