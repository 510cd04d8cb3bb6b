import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Absent, Benchmark, Contender } from './harness.ts';
import { command } from './harness.ts';
import { base, contendersOf, type ImageBuilder, imageBuilders } from './imageBuilders.ts';
import { openWorkspace, sampan, type Workspace } from './workspace.ts';

const memory = '/dev/shm';
const manyFiles = 20_000;
const someFiles = 5000;
const largeFile = 500_000_000;

/** How the builder and its peers do, beside the bare work: copying, hashing, looking. */
export const build: readonly Benchmark[] = [
  {
    name: 'build-steps',
    what: '20 trivial RUNs, no cache',
    rounds: 5,
    contenders: inWorkspace(async workspace => {
      const steps = Array.from({ length: 20 }, (_, n) => `RUN true ${n}`);
      const context = emptyContext(workspace);
      writeDockerfile(context, steps);
      return contendersOf(imageBuilders(workspace), builder => ({
        run: () => builder.build(context, { noCache: true }),
      }));
    }),
  },
  coldCopy('build-copy-cold', undefined),
  ...(existsSync(memory) ? [coldCopy('build-copy-cold-memory', memory)] : []),
  {
    name: 'build-copy-unchanged',
    what: `COPY of ${manyFiles} files of which none has changed`,
    rounds: 9,
    contenders: inWorkspace(async workspace => {
      const context = filledContext(workspace, manyFiles);
      writeDockerfile(context, ['COPY src /src']);
      return [
        commandFloor('stat of all', 'find', [join(context, 'src'), '-printf', '%s %T@ %m\\n']),
        ...(await contendersOf(imageBuilders(workspace), builder => ({
          run: () => builder.build(context, { noCache: false }),
        }))),
      ];
    }),
  },
  {
    name: 'build-file-cold',
    what: 'COPY of one file of 500 MB, cold',
    rounds: 3,
    warmUp: false,
    contenders: inWorkspace(async workspace => {
      const context = largeContext(workspace);
      return [
        commandFloor('sha256sum', 'sha256sum', [join(context, 'file')]),
        ...(await contendersOf(imageBuilders(workspace), builder =>
          freshRounds(workspace, { builder, from: context, copy: 'file /' }),
        )),
      ];
    }),
  },
  {
    name: 'build-file-unchanged',
    what: 'COPY of one file of 500 MB that has not changed',
    rounds: 9,
    contenders: inWorkspace(async workspace => {
      const context = largeContext(workspace);
      writeDockerfile(context, ['COPY file /']);
      return [
        commandFloor('sha256sum', 'sha256sum', [join(context, 'file')]),
        ...(await contendersOf(imageBuilders(workspace), builder => ({
          run: () => builder.build(context, { noCache: false }),
        }))),
      ];
    }),
  },
  {
    name: 'build-change',
    what: `one file of ${someFiles} changed, 10 instructions, 3 steps run again`,
    rounds: 5,
    contenders: inWorkspace(async workspace => {
      const context = filledContext(workspace, someFiles);
      writeDockerfile(context, [
        'ENV NAME=value',
        'WORKDIR /app',
        'RUN echo dependencies >dependencies',
        'COPY src /app/src',
        'RUN ls src >list',
        'RUN echo done >done',
        'LABEL a=b',
        'EXPOSE 80',
        'CMD ["/bin/sh"]',
      ]);
      let change = 0;
      const floor = join(workspace.folder, 'copies');
      mkdirSync(floor);
      return [
        commandFloor('cp -a of all', 'cp', () => ['-a', join(context, 'src'), join(floor, String(++change))]),
        ...(await contendersOf(imageBuilders(workspace), builder => ({
          before: async () => {
            change += 1;
            writeFileSync(join(context, 'src', `d${change % 50}`, 'f1'), `change ${change}\n`);
          },
          run: () => builder.build(context, { noCache: false }),
          ...(builder.isSlow && { rounds: 2 }),
        }))),
      ];
    }),
  },
  {
    name: 'build-stages',
    what: 'four independent stages of two seconds, no cache',
    rounds: 2,
    warmUp: false,
    contenders: inWorkspace(async workspace => {
      const context = emptyContext(workspace);
      const stages = ['a', 'b', 'c', 'd'];
      const text = stages.map(name => `FROM ${base} AS ${name}\nRUN sleep 2 && echo ${name} >/${name}`);
      const copies = stages.map(name => `COPY --from=${name} /${name} /`);
      writeFileSync(join(context, 'Dockerfile'), [...text, `FROM ${base}`, ...copies, ''].join('\n'));
      const script = `${stages.map(() => 'sleep 2 &').join(' ')} wait`;
      return [
        commandFloor('the four at once in a shell', 'sh', ['-c', script]),
        ...(await contendersOf(imageBuilders(workspace), builder => ({
          run: () => builder.build(context, { noCache: true }),
        }))),
      ];
    }),
  },
  {
    name: 'build-memory',
    what: `peak memory of a process that builds ${manyFiles} files and 500 MB`,
    unit: 'MiB',
    rounds: 1,
    warmUp: false,
    contenders: inWorkspace(async workspace => {
      const [many, large] = [filledContext(workspace, manyFiles), largeContext(workspace)];
      writeDockerfile(many, ['COPY src /src']);
      writeDockerfile(large, ['COPY file /']);
      await command(sampan, ['import', workspace.archive, base], workspace.env);
      return [
        {
          name: `sampan build, ${manyFiles} files`,
          run: () => peakMemory(workspace, many),
        },
        { name: 'sampan build, 500 MB', run: () => peakMemory(workspace, large) },
      ];
    }),
  },
];

function coldCopy(name: string, parent: string | undefined): Benchmark {
  const where = parent ? 'context and store in memory' : 'on disk';
  return {
    name,
    what: `COPY of ${manyFiles} files that no builder has seen, ${where}`,
    rounds: 3,
    warmUp: false,
    contenders: inWorkspace(async workspace => {
      const context = filledContext(workspace, manyFiles);
      const copies = join(workspace.folder, 'copies');
      mkdirSync(copies);
      let copied = 0;
      // Where the peers keep their files is not ours to choose.
      const builders = imageBuilders(workspace).filter(
        builder => parent === undefined || !builder.name.startsWith('docker'),
      );
      return [
        commandFloor('cp -a of all', 'cp', () => ['-a', context, join(copies, String(++copied))]),
        ...(await contendersOf(builders, builder =>
          freshRounds(workspace, { builder, from: context, copy: 'src /src' }),
        )),
      ];
    }, parent),
  };
}

/**
 * Each round with a context of its own that the builder has not seen, and a destination of its own. Nothing is deleted
 * meanwhile: ext4 makes files slowly where many were deleted just before.
 */
function freshRounds(
  { folder }: Workspace,
  { builder, from, copy }: { readonly builder: ImageBuilder; readonly from: string; readonly copy: string },
): Omit<Contender, 'name' | 'close'> {
  let context = '';
  let round = 0;
  return {
    before: async () => {
      round += 1;
      context = join(folder, `${builder.name.replaceAll(/\W+/g, '-')}-${round}`);
      await command('cp', ['-a', from, context]);
      writeDockerfile(context, [`COPY ${copy}${builder.name.length}-${round}/`]);
    },
    run: () => builder.build(context, { noCache: false }),
  };
}

/** Gives a workspace that is closed with the last contender. */
function inWorkspace(
  make: (workspace: Workspace) => Promise<readonly (Contender | Absent)[]>,
  parent?: string,
): () => Promise<readonly (Contender | Absent)[]> {
  return async () => {
    const workspace = openWorkspace(parent);
    try {
      const contenders = await make(workspace);
      const last = contenders.findLast(one => 'run' in one);
      return contenders.map(one =>
        one === last
          ? {
              ...last,
              close: async () => {
                await last.close?.();
                workspace.close();
              },
            }
          : one,
      );
    } catch (error) {
      workspace.close();
      throw error;
    }
  };
}

function commandFloor(
  name: string,
  program: string,
  args: readonly string[] | (() => readonly string[]),
): Contender {
  return {
    name,
    run: async () => {
      await command(program, typeof args === 'function' ? args() : args);
      return undefined;
    },
  };
}

function emptyContext({ folder }: Workspace): string {
  const context = join(folder, 'context');
  mkdirSync(context);
  return context;
}

/** A context with `count` files of 10 kB, a hundred in a folder, below `src`. */
function filledContext({ folder }: Workspace, count: number): string {
  const context = join(folder, `files-${count}`);
  const filling = randomBytes(10_000);
  for (let n = 0; n < count; n++) {
    const directory = join(context, 'src', `d${Math.floor(n / 100)}`);
    if (n % 100 === 0) mkdirSync(directory, { recursive: true });
    filling.writeUInt32LE(n);
    writeFileSync(join(directory, `f${n % 100}`), filling);
  }
  return context;
}

function largeContext({ folder }: Workspace): string {
  const context = join(folder, 'large');
  mkdirSync(context);
  const piece = randomBytes(largeFile / 100);
  for (let n = 0; n < 100; n++) writeFileSync(join(context, 'file'), piece, { flag: 'a' });
  return context;
}

function writeDockerfile(context: string, instructions: readonly string[]): void {
  writeFileSync(join(context, 'Dockerfile'), `FROM ${base}\n${instructions.join('\n')}\n`);
}

/** VmHWM of the process of a command that builds, as it was last seen before it ended. */
async function peakMemory({ env }: Workspace, context: string): Promise<number> {
  const child = spawn(sampan, ['build', '-q', '-t', 'bench', context], { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  let peak = 0;
  let isRunning = true;
  void ended.then(() => {
    isRunning = false;
  });
  while (isRunning) {
    peak = Math.max(peak, highWaterMark(child.pid));
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`sampan build ended with ${code}`);
  return peak;
}

function highWaterMark(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
