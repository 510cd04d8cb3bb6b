import type { Connection } from '../connection.ts';
import { changeItems } from './changeItems.ts';
import { fileItems } from './fileItems.ts';
import type { Item, Lazy } from './item.ts';
import { layerItems } from './layerItems.ts';

/** Asks for the rows below one that is expanded; `owner` is its id. Rejects with the server's error. */
export async function lazyItems(connection: Connection, owner: string, lazy: Lazy): Promise<readonly Item[]> {
  switch (lazy.kind) {
    case 'folder': {
      const { place, path } = lazy;
      const { files } = await connection.request('sampan/file/list', { place, path });
      return fileItems(place, files);
    }
    case 'container-changes': {
      const { container, image } = lazy;
      const { changes } = await connection.request('sampan/container/changes', { container });
      return changeItems(owner, {
        changes,
        before: { kind: 'image', id: image },
        after: { kind: 'container', id: container },
      });
    }
    case 'layer': {
      const { changes, below } = await connection.request('sampan/layer/changes', { layer: lazy.chainId });
      const before = below === undefined ? undefined : ({ kind: 'layer', id: below } as const);
      return changeItems(owner, { changes, before, after: { kind: 'layer', id: lazy.chainId } });
    }
    case 'layers':
      return layerItems(owner, await connection.request('sampan/image/inspect', { image: lazy.image }));
  }
}
