import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openEngine } from '../../server/engine/engine.ts';
import type { Absent, Contender } from './harness.ts';
import { command } from './harness.ts';
import { sampan, type Workspace } from './workspace.ts';

/** The image that all builds begin with: busybox. */
export const base = 'localhost/sampan-bench:base';

/** One program that builds images. */
export interface ImageBuilder {
  readonly name: string;
  /** Slow ones get fewer rounds. */
  readonly isSlow: boolean;
  /** Brings the base image. Rejects where the program cannot build here. */
  prepare(): Promise<void>;
  /** Milliseconds where the time of the whole command is not what is asked for. */
  build(context: string, options: { readonly noCache: boolean }): Promise<number | undefined>;
  close?(): Promise<void>;
}

/** Sampan as the editor has it and as a command, and the peers. */
export function imageBuilders(workspace: Workspace): readonly ImageBuilder[] {
  return [
    sampanEngine(workspace),
    sampanCommand(workspace),
    docker(workspace, { name: 'docker build (BuildKit)', buildKit: '1', isSlow: false }),
    docker(workspace, { name: 'docker build (classic)', buildKit: '0', isSlow: true }),
    buildah(workspace),
  ];
}

/** What each builder makes of `measure`; those that cannot build here say why. */
export async function contendersOf(
  builders: readonly ImageBuilder[],
  measure: (builder: ImageBuilder) => Omit<Contender, 'name' | 'close'>,
): Promise<readonly (Contender | Absent)[]> {
  const all: (Contender | Absent)[] = [];
  for (const builder of builders) {
    try {
      await builder.prepare();
      const close = async () => builder.close?.();
      all.push({ name: builder.name, ...(builder.isSlow && { rounds: 1 }), close, ...measure(builder) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      all.push({ name: builder.name, reason: reason.split('\n').slice(-2).join(' ').slice(0, 200) });
    }
  }
  return all;
}

function sampanCommand({ env, archive }: Workspace): ImageBuilder {
  return {
    name: 'sampan build',
    isSlow: false,
    prepare: () => command(sampan, ['import', archive, base], env),
    build: async (context, { noCache }) => {
      const options = noCache ? ['--no-cache'] : [];
      await command(sampan, ['build', '-q', ...options, '-t', 'bench', context], env);
      return undefined;
    },
  };
}

function sampanEngine({ env, archive }: Workspace): ImageBuilder {
  let engine: ReturnType<typeof openEngine> | undefined;
  const open = () => {
    engine ??= openEngine({
      root: env.SAMPAN_ROOT ?? '',
      run: env.SAMPAN_RUN ?? '',
      nativeDirectory: join(import.meta.dirname, '../../dist'),
      log: () => undefined,
    });
    return engine;
  };
  return {
    name: 'sampan, engine side',
    isSlow: false,
    prepare: async () => {
      await command(sampan, ['import', archive, base], env);
      await open();
    },
    build: async (context, { noCache }) => {
      const { readFile } = await import('node:fs/promises');
      const { builder } = await open();
      const start = performance.now();
      const path = join(context, 'Dockerfile');
      const dockerfile = { path, text: await readFile(path, 'utf8') };
      await builder.build({ contextDirectory: context, dockerfile, tags: ['bench:latest'], noCache });
      return performance.now() - start;
    },
    close: async () => {
      await (await engine)?.close();
      engine = undefined;
    },
  };
}

function docker(
  { archive }: Workspace,
  { name, buildKit, isSlow }: { readonly name: string; readonly buildKit: string; readonly isSlow: boolean },
): ImageBuilder {
  const env = { ...process.env, DOCKER_BUILDKIT: buildKit };
  return {
    name,
    isSlow,
    prepare: async () => {
      await command('docker', ['import', archive, base], env);
      // A client without the plug-in for BuildKit imports and does not build.
      if (buildKit === '1') await command('docker', ['buildx', 'version'], env);
    },
    build: async (context, { noCache }) => {
      const options = noCache ? ['--no-cache'] : [];
      await command('docker', ['build', '-q', ...options, '-t', 'sampan-bench', context], env);
      return undefined;
    },
  };
}

function buildah({ folder, archive }: Workspace): ImageBuilder {
  const store = [
    '--root',
    join(folder, 'buildah'),
    '--runroot',
    join(folder, 'buildah-run'),
    '--storage-driver',
    'overlay',
  ];
  return {
    name: 'buildah build --layers',
    isSlow: true,
    prepare: async () => {
      if (existsSync(join(folder, 'buildah'))) return;
      await command('buildah', [...store, 'from', '--name', 'base', 'scratch']);
      await command('buildah', [...store, 'add', 'base', archive, '/']);
      await command('buildah', [...store, 'commit', 'base', base]);
    },
    build: async (context, { noCache }) => {
      const options = ['--layers', '--isolation', 'chroot', '-q', ...(noCache ? ['--no-cache'] : [])];
      await command('buildah', [...store, 'build', ...options, '-t', 'sampan-bench', context]);
      return undefined;
    },
  };
}
