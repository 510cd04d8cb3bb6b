import { withSession } from '../container/containerFiles.ts';
import type { ContainerContext } from '../container/context.ts';
import { isRunning, waitForExit, waitForFacts } from '../container/exit.ts';
import type { FsSession, MountedRootfs } from '../runtime/types.ts';
import type { FilePlace, FileService } from './types.ts';

type WatchOptions = Parameters<FileService['watch']>[1];

/** See {@link FileService.watch}. */
export async function watchPlace(
  context: ContainerContext,
  place: FilePlace,
  options: WatchOptions,
): Promise<void> {
  switch (place.kind) {
    case 'volume': {
      const { mountpoint } = await context.volumes.get(place.id);
      await watchIn(context, session => session.openDirectory(mountpoint), options);
      return;
    }
    case 'container':
      return watchContainer(context, await context.registry.resolve(place.id), options);
    default:
      return aborted(options.signal);
  }
}

/** From one start to its end, and then the next: a container that does not run has no files that others could change. */
async function watchContainer(context: ContainerContext, id: string, options: WatchOptions): Promise<void> {
  const { signal, onChange } = options;
  for (;;) {
    const facts = await waitForFacts(context, id, { done: isRunning, signal });
    if (facts === undefined || facts === 'timeout' || !isRunning(facts)) return;
    const { process } = facts.state;
    const end = await watchIn(context, session => session.openProcess(process), options);
    if (end !== 'unmounted') return;
    onChange({ kind: 'changed', name: '' });
    await waitForExit(context, id, { signal });
  }
}

/** Resolves when the file is gone, its file system is, or the signal aborts. */
async function watchIn(
  context: ContainerContext,
  open: (session: FsSession) => Promise<MountedRootfs>,
  { path, onChange, signal }: WatchOptions,
): Promise<'gone' | 'unmounted'> {
  let end: 'gone' | 'unmounted' = 'gone';
  await withSession(context, async session => {
    const close = () => void session.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      await (await open(session)).watch(path, ({ kind, name }) => {
        if (kind === 'unmounted') end = kind;
        else if (kind !== 'ready') onChange({ kind, name });
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', close);
    }
  });
  return end;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
}
