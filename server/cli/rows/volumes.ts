import type { VolumeInfo } from '../../protocol/types.ts';
import type { Layout, Row } from '../listing.ts';

export const volumeLayout: Layout = {
  headings: {
    Driver: 'DRIVER',
    Name: 'VOLUME NAME',
    Scope: 'SCOPE',
    Mountpoint: 'MOUNTPOINT',
    Labels: 'LABELS',
    Links: 'LINKS',
    Size: 'SIZE',
    Availability: 'AVAILABILITY',
    Group: 'GROUP',
    Status: 'STATUS',
  },
  columns: ['Driver', 'Name'],
  quiet: 'Name',
};

/** docker's fields of a volume; what only its cluster volumes have is `N/A`, as docker shows it. */
export function volumeRow(volume: VolumeInfo): Row {
  return {
    Name: volume.name,
    Driver: 'local',
    Scope: 'local',
    Mountpoint: volume.mountpoint,
    Labels: Object.entries(volume.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    Links: 'N/A',
    Size: 'N/A',
    Availability: 'N/A',
    Group: 'N/A',
    Status: 'N/A',
    Label: name => volume.labels[name] ?? '',
  };
}
