import type { HandlersOf } from './call.ts';

export const fileHandlers: HandlersOf<'sampan/file/' | 'sampan/layer/'> = {
  'sampan/layer/changes': async ({ layer }, { engine }) => engine.files.layerChanges(layer),
  'sampan/file/stat': async ({ place, path }, { engine }) => engine.files.stat(place, path),
  'sampan/file/list': async ({ place, path }, { engine }) => ({
    files: await engine.files.list(place, path),
  }),
  'sampan/file/read': async ({ place, ...file }, { engine }) => ({
    content: Buffer.from(await engine.files.read(place, file)).toString('base64'),
  }),
  'sampan/file/write': async ({ place, content, ...file }, { engine }) => {
    await engine.files.write(place, { ...file, content: Buffer.from(content, 'base64') });
    return {};
  },
  'sampan/file/makeDirectory': async ({ place, path }, { engine }) => {
    await engine.files.makeDirectory(place, path);
    return {};
  },
  'sampan/file/remove': async ({ place, ...file }, { engine }) => {
    await engine.files.remove(place, file);
    return {};
  },
  'sampan/file/rename': async ({ place, ...move }, { engine }) => {
    await engine.files.rename(place, move);
    return {};
  },
  'sampan/file/copy': async ({ place, ...move }, { engine }) => {
    await engine.files.copy(place, move);
    return {};
  },
  'sampan/file/watch': async ({ place, path, token }, { engine, signal, notify }) => {
    await engine.files.watch(place, {
      path,
      signal,
      onChange: change => notify('sampan/file/didChange', { token, ...change }),
    });
    return {};
  },
};
