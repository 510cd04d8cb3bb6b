import { formatSize } from '../../common/sizes.ts';
import type { ContainerInfo, DiskUsage, ImageSummary, Usage, VolumeInfo } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { formatFlag, type Layout, printListing, type Row } from '../listing.ts';
import { print } from '../output.ts';
import { layTable } from '../table.ts';
import { ago } from '../words.ts';

export const diskUsage = defineCommand({
  usage: 'df [OPTIONS]',
  summary: 'Show disk usage',
  flags: {
    format: formatFlag,
    verbose: { kind: 'boolean', short: 'v', help: 'Show detailed information on space usage' },
  },
  args: [0, 0],
  async run({ flags, client }) {
    if (flags.verbose && flags.format !== undefined)
      throw usageFailure('--verbose and --format cannot be used together');
    const connection = await client();
    const usage = await connection.request('sampan/engine/usage', {});
    if (!flags.verbose) {
      await printListing(summaryRows(usage), { layout, format: flags.format, quiet: false });
      return 0;
    }
    const [{ images }, { containers }, { volumes }] = await Promise.all([
      connection.request('sampan/image/list', {}),
      connection.request('sampan/container/list', { all: true }),
      connection.request('sampan/volume/list', {}),
    ]);
    await print(details(usage, { images, containers, volumes }));
    return 0;
  },
});

const layout: Layout = {
  headings: {
    Type: 'TYPE',
    TotalCount: 'TOTAL',
    Active: 'ACTIVE',
    Size: 'SIZE',
    Reclaimable: 'RECLAIMABLE',
  },
  columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
  quiet: 'Type',
};

function summaryRows({ images, containers, volumes, cache }: DiskUsage): readonly Row[] {
  return [
    summaryRow('Images', images),
    summaryRow('Containers', containers),
    summaryRow('Local Volumes', volumes),
    { ...summaryRow('Build Cache', cache), Reclaimable: formatSize(cache.reclaimable) },
  ];
}

function summaryRow(type: string, { count, active, bytes, reclaimable }: Usage): Row {
  const share = bytes === 0 ? '' : ` (${Math.floor((reclaimable / bytes) * 100)}%)`;
  return {
    Type: type,
    TotalCount: String(count),
    Active: String(active),
    Size: formatSize(bytes),
    Reclaimable: `${formatSize(reclaimable)}${share}`,
  };
}

interface Objects {
  readonly images: readonly ImageSummary[];
  readonly containers: readonly ContainerInfo[];
  readonly volumes: readonly VolumeInfo[];
}

function details(usage: DiskUsage, { images, containers, volumes }: Objects): string {
  const now = Date.now();
  const tables = [
    {
      title: 'Images space usage:',
      head: ['IMAGE', 'IMAGE ID', 'CREATED', 'SIZE', 'CONTAINERS'],
      rows: images.map(image => [
        image.tags[0] ?? '<none>',
        image.id.slice(7, 19),
        ago(image.createdAt, now),
        formatSize(image.size),
        String(image.containers.length),
      ]),
    },
    {
      title: 'Containers space usage:',
      head: ['CONTAINER ID', 'IMAGE', 'SIZE', 'CREATED', 'STATUS', 'NAMES'],
      rows: containers.map(container => [
        container.id.slice(0, 12),
        container.image.reference,
        formatSize(usage.containers.sizes[container.id] ?? 0),
        ago(container.createdAt, now),
        container.status,
        container.name,
      ]),
    },
    {
      title: 'Local Volumes space usage:',
      head: ['VOLUME NAME', 'LINKS', 'SIZE'],
      rows: volumes.map(volume => [
        volume.name,
        String(volume.containers.length),
        formatSize(usage.volumes.sizes[volume.name] ?? 0),
      ]),
    },
    {
      title: `Build cache usage: ${formatSize(usage.cache.bytes)}`,
      head: ['CACHE ID', 'CACHE TYPE', 'SIZE', 'LAST USED', 'SHARED', 'DESCRIPTION'],
      rows: usage.cache.entries.map(entry => [
        entry.id.slice(0, 12),
        entry.kind === 'mount' ? 'exec.cachemount' : 'regular',
        formatSize(entry.bytes),
        ago(entry.usedAt, now),
        String(entry.isShared),
        entry.description,
      ]),
    },
  ];
  return tables.map(({ title, head, rows }) => `${title}\n\n${layTable([head, ...rows])}`).join('\n');
}
