import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openEngine } from '../../server/engine/engine.ts';
import { bareFloor, dockerFloor } from './floor.ts';
import type { Absent, Benchmark, Contender } from './harness.ts';
import { command, commandContender } from './harness.ts';
import { openWorkspace, sampan, type Workspace } from './workspace.ts';

const image = 'localhost/sampan-bench:base';

/** `true` in a container: as a command with a network, and engine-side against the bare system calls. */
export const runTrue: readonly Benchmark[] = [
  {
    name: 'run-true-cli',
    what: 'run --rm of true with a network, whole command',
    rounds: 15,
    contenders: async () => {
      const workspace = openWorkspace();
      const { env } = workspace;
      await command(sampan, ['import', workspace.archive, image], env);
      const own = await commandContender('sampan run', {
        program: sampan,
        args: ['run', '--rm', image, 'true'],
        env,
      });
      const podman = [
        '--root',
        join(workspace.folder, 'podman'),
        '--runroot',
        join(workspace.folder, 'podman-run'),
        '--cgroup-manager',
        'cgroupfs',
        // Podman's first choice, crun, refuses hosts with cgroups of both versions.
        '--runtime',
        'runc',
      ];
      // Podman asks for more than root may have where its capabilities are cut.
      const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
      return [
        'run' in own ? { ...own, close: async () => workspace.close() } : own,
        await commandContender('docker run', {
          program: 'docker',
          args: ['run', '--rm', image, 'true'],
          prepare: () => command('docker', ['import', workspace.archive, image]),
        }),
        await commandContender('podman run', {
          program: 'podman',
          args: [...podman, 'run', ...limits, '--rm', image, 'true'],
          prepare: () => command('podman', [...podman, 'import', workspace.archive, image]),
        }),
      ];
    },
  },
  {
    name: 'run-true-engine',
    what: 'true in a container, start to exit, against the bare system calls and the low-level runtimes',
    rounds: 51,
    contenders: async () => {
      const workspace = openWorkspace();
      const engines = [
        await engineSide(workspace, { name: 'sampan engine, private network', network: 'bridge' }),
        await engineSide(workspace, { name: 'sampan engine, no network', network: 'none' }),
      ];
      return [
        bareFloor(workspace),
        ...engines,
        dockerFloor(workspace, { name: "floor (C), docker's set-up and a network", network: true }),
        dockerFloor(workspace, { name: "floor (C), docker's set-up", network: false }),
        await ociRuntime('crun', workspace),
        await ociRuntime('runc', workspace),
        await commandContender('bwrap', {
          program: 'bwrap',
          args: [
            '--bind',
            workspace.rootfs,
            '/',
            '--proc',
            '/proc',
            '--dev',
            '/dev',
            '--unshare-all',
            '/bin/true',
          ],
        }),
      ];
    },
  },
];

async function engineSide(
  workspace: Workspace,
  { name, network }: { name: string; network: string },
): Promise<Contender | Absent> {
  const { env } = workspace;
  await command(sampan, ['import', workspace.archive, image], env);
  const engine = await openEngine({
    root: env.SAMPAN_ROOT ?? '',
    run: env.SAMPAN_RUN ?? '',
    nativeDirectory: join(import.meta.dirname, '../../dist'),
    log: () => undefined,
  });
  return {
    name,
    run: async () => {
      const container = await engine.containers.create({ image, command: ['true'], network });
      const start = performance.now();
      await engine.containers.start(container.id);
      const code = await engine.containers.wait(container.id);
      const elapsed = performance.now() - start;
      if (code !== 0) throw new Error(`true ended with ${code}`);
      await engine.containers.remove(container.id);
      return elapsed;
    },
    close: () => engine.close(),
  };
}

/** crun and runc with a bundle of their own default specification and no terminal. */
async function ociRuntime(program: string, workspace: Workspace): Promise<Contender | Absent> {
  const bundle = join(workspace.folder, `bundle-${program}`);
  mkdirSync(bundle);
  const made = spawnSync(program, ['spec'], { cwd: bundle });
  if (made.status !== 0) return { name: program, reason: 'not installed' };
  const path = join(bundle, 'config.json');
  const spec = JSON.parse(readFileSync(path, 'utf8'));
  spec.process.terminal = false;
  spec.process.args = ['/bin/true'];
  spec.root = { path: workspace.rootfs, readonly: false };
  writeFileSync(path, JSON.stringify(spec));
  const state = ['--root', join(workspace.folder, `state-${program}`)];
  return commandContender(`${program} run`, {
    program,
    args: [...state, 'run', '--bundle', bundle, `sampan-bench-${process.pid}`],
  });
}
