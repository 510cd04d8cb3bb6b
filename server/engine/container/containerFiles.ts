import { SampanError } from '../../common/errors.ts';
import { resolveInRoot } from '../runtime/resolve.ts';
import type { FsSession, MountedRootfs, Place } from '../runtime/types.ts';
import { type ContainerContext, requireFacts, runLayers } from './context.ts';
import { isRunning } from './exit.ts';
import type { ContainerFacts } from './state.ts';

/** A container's files as its processes see them, or would see them. */
export interface ContainerFiles {
  /**
   * Where a path of the container (absolute) is to be looked for.
   *
   * @throws SampanError `invalid-argument` (EROFS) when it `writes` and the place is read-only
   */
  place(path: string, options: { readonly writes: boolean }): Promise<Place>;
}

/** Work on files in a session of their own. */
export async function withSession<T>(
  { runtime }: Pick<ContainerContext, 'runtime'>,
  use: (session: FsSession) => Promise<T>,
): Promise<T> {
  const session = await runtime.openFs();
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/**
 * Work on the files of a container. One that is stopped is kept from starting meanwhile.
 *
 * @throws SampanError `not-found`; `conflict` when it was started between two looks
 */
export async function withContainerFiles<T>(
  context: ContainerContext,
  id: string,
  use: (files: ContainerFiles) => Promise<T>,
): Promise<T> {
  return withSession(context, async session => {
    const seen = await requireFacts(context, id);
    const { state } = seen;
    if (isRunning(seen) && state?.status === 'running') {
      const rootfs = await session.openProcess(state.process);
      return use({ place: async path => ({ rootfs, path }) });
    }
    return context.registry.lock(id, async () => {
      const facts = await requireFacts(context, id);
      if (isRunning(facts)) throw startedMeanwhile(facts);
      return use(new StoppedFiles(context, { facts, session }));
    });
  });
}

/** A stopped container has no mounts: what lies below one is looked for in what would be mounted. */
class StoppedFiles implements ContainerFiles {
  readonly #context: ContainerContext;
  readonly #facts: ContainerFacts;
  readonly #session: FsSession;
  readonly #opened = new Map<string, Promise<MountedRootfs>>();

  constructor(
    context: ContainerContext,
    { facts, session }: { readonly facts: ContainerFacts; readonly session: FsSession },
  ) {
    this.#context = context;
    this.#facts = facts;
    this.#session = session;
  }

  async place(path: string, { writes }: { readonly writes: boolean }): Promise<Place> {
    const { record } = this.#facts;
    const rootfs = await this.#once('/', async () =>
      this.#session.mount(await runLayers(this.#context, record.id)),
    );
    const resolved = await resolveInRoot(at => rootfs.stat(at, { followLast: false }), path);
    const covers = (target: string) => resolved.path === target || resolved.path.startsWith(`${target}/`);
    const mount = record.mounts
      .filter(({ source, target }) => source !== '' && covers(target))
      .toSorted((a, b) => b.target.length - a.target.length)[0];
    const readOnly = mount ? mount.readOnly : (record.options.readOnly ?? false);
    if (writes && readOnly) throw isReadOnly(this.#facts, mount?.target ?? '/');
    if (!mount) return { rootfs, path };
    const tail = /\/\.?$/.exec(path)?.[0] ?? '';
    return {
      rootfs: await this.#once(mount.target, () => this.#session.openDirectory(mount.source)),
      path: `${resolved.path.slice(mount.target.length) || '/'}${tail}`,
    };
  }

  #once(target: string, open: () => Promise<MountedRootfs>): Promise<MountedRootfs> {
    const opened = this.#opened.get(target) ?? open();
    this.#opened.set(target, opened);
    return opened;
  }
}

function isReadOnly({ record }: ContainerFacts, target: string): SampanError {
  return new SampanError(
    'invalid-argument',
    `Nothing can be written to ${target} of the container ${record.name}: it is read-only.`,
    { hint: 'Write to a volume that is not mounted read-only.', detail: { path: target, errno: 'EROFS' } },
  );
}

function startedMeanwhile({ record }: ContainerFacts): SampanError {
  return new SampanError('conflict', `The container ${record.name} was started meanwhile.`, {
    hint: 'Try again.',
  });
}
