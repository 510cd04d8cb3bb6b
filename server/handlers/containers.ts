import { createReadStream } from 'node:fs';
import type { CopyGoal } from '../engine/container/copy.ts';
import type { HandlersOf } from './call.ts';
import { toContainerInfo, toImageSummary } from './convert.ts';
import { told } from './damage.ts';
import { fillRecords, writeArchive } from './files.ts';
import { ensureImage } from './images.ts';

export const containerHandlers: HandlersOf<'sampan/container/'> = {
  'sampan/container/list': async ({ all }, { engine, warn }) => {
    const { found, damaged } = await engine.containers.survey({ all });
    return { containers: found.map(toContainerInfo), damaged: told(damaged, warn) };
  },
  'sampan/container/inspect': async ({ container }, { engine }) =>
    toContainerInfo(await engine.containers.get(container)),
  'sampan/container/create': async ({ options, ...image }, call) => {
    await ensureImage(options.image, { ...image, call });
    return toContainerInfo(await call.engine.containers.create(options));
  },
  'sampan/container/start': async ({ container, ...options }, { engine }) => {
    const started = await engine.containers.start(container, options);
    return { container: toContainerInfo(started.container), attachSocket: started.attachSocket };
  },
  'sampan/container/startByPolicy': async (_params, { engine }) => {
    const { started, failed } = await engine.containers.startByPolicy();
    return { started, failed: failed.map(({ message }) => message) };
  },
  'sampan/container/update': async ({ container, ...update }, { engine }) => ({
    warnings: await engine.containers.update(container, update),
  }),
  'sampan/container/stop': async ({ container, ...options }, { engine }) => {
    await engine.containers.stop(container, options);
    return {};
  },
  'sampan/container/restart': async ({ container, ...options }, { engine }) => {
    await engine.containers.restart(container, options);
    return {};
  },
  'sampan/container/kill': async ({ container, signal }, { engine }) => {
    await engine.containers.kill(container, signal);
    return {};
  },
  'sampan/container/pause': async ({ container }, { engine }) => {
    await engine.containers.pause(container);
    return {};
  },
  'sampan/container/unpause': async ({ container }, { engine }) => {
    await engine.containers.unpause(container);
    return {};
  },
  'sampan/container/remove': async ({ container, ...options }, { engine }) => {
    await engine.containers.remove(container, options);
    return {};
  },
  'sampan/container/rename': async ({ container, name }, { engine }) => {
    await engine.containers.rename(container, name);
    return {};
  },
  'sampan/container/wait': async ({ container, ...options }, { engine, signal }) => ({
    exitCode: await engine.containers.wait(container, { ...options, signal }),
  }),
  'sampan/container/usage': async (params, { engine }) => ({
    usage: await engine.containers.usage(params),
  }),
  'sampan/container/exec': async ({ container, ...options }, { engine }) => {
    const { attachSocket } = await engine.containers.exec(container, options);
    return { attachSocket };
  },
  'sampan/container/attach': async ({ container }, { engine }) => ({
    attachSocket: await engine.containers.attachSocket(container),
  }),
  'sampan/container/log': async ({ container, ...options }, { engine, signal }) =>
    engine.containers.readLog(container, { ...options, signal }),
  'sampan/container/export': async ({ container, path }, { engine }) => {
    await engine.containers.get(container); // a wrong name leaves no file behind
    await writeArchive(path, sink =>
      fillRecords(sink, filled => engine.containers.exportTar(container, filled)),
    );
    return {};
  },
  'sampan/container/copyFrom': async ({ container, hostPath, isArchive, ...options }, { engine }) => {
    const copy = (to: CopyGoal) => engine.containers.copyFrom(container, { ...options, to });
    if (isArchive) await writeArchive(hostPath, sink => fillRecords(sink, filled => copy({ sink: filled })));
    else await copy({ path: hostPath });
    return {};
  },
  'sampan/container/copyTo': async ({ container, hostPath, isArchive, ...options }, { engine }) => {
    const from = isArchive ? { tar: createReadStream(hostPath) } : { path: hostPath };
    await engine.containers.copyTo(container, { ...options, from });
    return {};
  },
  'sampan/container/commit': async ({ container, ...options }, { engine }) =>
    toImageSummary(await engine.containers.commit(container, options), []),
  'sampan/container/changes': async ({ container }, { engine }) => ({
    changes: await engine.containers.changes(container),
  }),
};
