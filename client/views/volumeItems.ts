import type { VolumeInfo } from '../../server/protocol/types.ts';
import type { Item } from './item.ts';
import { volumeLabel } from './words.ts';

/** Rows of the Volumes view: named ones first, then the anonymous ones, by name. */
export function volumeItems(volumes: readonly VolumeInfo[]): readonly Item[] {
  const order = (volume: VolumeInfo) => `${volume.anonymous ? 1 : 0}${volume.name}`;
  return [...volumes].sort((a, b) => order(a).localeCompare(order(b))).map(volumeItem);
}

function volumeItem(volume: VolumeInfo): Item {
  const used = volume.containers.length > 0;
  const use = used ? `used by ${volume.containers.join(', ')}` : 'not in use';
  const label = volumeLabel(volume.name);
  return {
    id: `volume/${volume.name}`,
    label,
    description: volume.anonymous ? `anonymous · ${use}` : use,
    icon: used ? { id: 'database', color: 'charts.green' } : { id: 'database' },
    spoken: `${volume.anonymous ? 'anonymous volume' : 'volume'} ${label}, ${use}`,
    contextValue: used ? 'volume used' : 'volume unused',
    subject: { kind: 'volume', volume },
    children: [],
    lazy: { kind: 'folder', place: { kind: 'volume', id: volume.name }, path: '/' },
  };
}
