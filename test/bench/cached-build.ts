import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openEngine } from '../../server/engine/engine.ts';
import type { Absent, Benchmark, Contender } from './harness.ts';
import { command, commandContender } from './harness.ts';
import { openWorkspace, sampan, type Workspace } from './workspace.ts';

const image = 'localhost/sampan-bench:base';

/** The same 20-instruction Dockerfile again, nothing changed. */
export const cachedBuild: readonly Benchmark[] = [
  {
    name: 'build-cached',
    what: 'fully cached build, 20 instructions',
    rounds: 15,
    contenders: async () => {
      const workspace = openWorkspace();
      const context = writeContext(workspace);
      const { env } = workspace;
      return [
        await engineSide(workspace, context),
        await commandContender('sampan build', {
          program: sampan,
          args: ['build', '-t', 'bench', context],
          env,
        }),
        await commandContender('docker build (BuildKit)', {
          program: 'docker',
          args: ['build', '-q', '-t', 'sampan-bench', context],
          env: { ...process.env, DOCKER_BUILDKIT: '1' },
          prepare: () => command('docker', ['import', workspace.archive, image]),
        }),
        await commandContender('docker build (classic)', {
          program: 'docker',
          args: ['build', '-q', '-t', 'sampan-bench', context],
          env: { ...process.env, DOCKER_BUILDKIT: '0' },
          prepare: () => command('docker', ['import', workspace.archive, image]),
        }),
        await commandContender('buildah build --layers', {
          program: 'buildah',
          args: [
            ...buildahStore(workspace),
            'build',
            '--layers',
            '--isolation',
            'chroot',
            '-q',
            '-t',
            'sampan-bench',
            context,
          ],
          prepare: async () => {
            await command('buildah', [...buildahStore(workspace), 'from', '--name', 'base', 'scratch']);
            await command('buildah', [...buildahStore(workspace), 'add', 'base', workspace.archive, '/']);
            await command('buildah', [...buildahStore(workspace), 'commit', 'base', image]);
          },
        }),
      ];
    },
  },
];

function buildahStore(workspace: Workspace): string[] {
  return [
    '--root',
    join(workspace.folder, 'buildah'),
    '--runroot',
    join(workspace.folder, 'buildah-run'),
    '--storage-driver',
    'overlay',
  ];
}

function writeContext({ folder }: Workspace): string {
  const context = join(folder, 'context');
  mkdirSync(join(context, 'src'), { recursive: true });
  for (let n = 0; n < 20; n += 1) writeFileSync(join(context, 'src', `file${n}`), `content ${n}\n`);
  const lines = [
    `FROM ${image}`,
    'ARG VERSION=1',
    'ENV APP=/app',
    'WORKDIR /app',
    'LABEL a=b',
    'COPY src/ /app/src/',
  ];
  for (let n = 0; n < 12; n += 1) lines.push(`RUN echo ${n} >/app/step${n}`);
  lines.push('EXPOSE 80', 'CMD ["/bin/sh"]');
  writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  return context;
}

async function engineSide(workspace: Workspace, context: string): Promise<Contender | Absent> {
  const { env } = workspace;
  await command(sampan, ['import', workspace.archive, image], env);
  const engine = await openEngine({
    root: env.SAMPAN_ROOT ?? '',
    run: env.SAMPAN_RUN ?? '',
    nativeDirectory: join(import.meta.dirname, '../../dist'),
    log: () => undefined,
  });
  const path = join(context, 'Dockerfile');
  const { readFile } = await import('node:fs/promises');
  return {
    name: 'sampan, engine side',
    run: async () => {
      const start = performance.now();
      const dockerfile = { path, text: await readFile(path, 'utf8') };
      await engine.builder.build({ contextDirectory: context, dockerfile, tags: ['bench:latest'] });
      return performance.now() - start;
    },
    close: async () => {
      await engine.close();
      workspace.close();
    },
  };
}
