import { formatBinarySize, formatSize } from '../../common/sizes.ts';
import type { ContainerUsage } from '../../protocol/types.ts';
import type { Layout, Row } from '../listing.ts';
import { shortId } from '../words.ts';

export const statsLayout: Layout = {
  headings: {
    ID: 'CONTAINER ID',
    Container: 'CONTAINER',
    Name: 'NAME',
    CPUPerc: 'CPU %',
    MemUsage: 'MEM USAGE / LIMIT',
    MemPerc: 'MEM %',
    NetIO: 'NET I/O',
    BlockIO: 'BLOCK I/O',
    PIDs: 'PIDS',
  },
  columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
  quiet: 'ID',
};

/**
 * docker's fields of a container in `stats` (docker/cli: cli/command/container/formatter_stats.go). `before` is an earlier
 * sample of it: the share of one CPU in between; without one it is 0.
 */
export function statsRow(
  usage: ContainerUsage,
  { before, trunc }: { readonly before: ContainerUsage | undefined; readonly trunc: boolean },
): Row {
  const id = trunc ? shortId(usage.id) : usage.id;
  const pair = (a: number, b: number, format = (bytes: number) => formatSize(bytes)) =>
    `${format(a)} / ${format(b)}`;
  return {
    ID: id,
    Container: id,
    Name: usage.name,
    CPUPerc: percent(before ? cpuShare(before, usage) : 0),
    MemUsage: pair(usage.memoryBytes, usage.memoryLimit, formatBinarySize),
    MemPerc: percent(usage.memoryLimit === 0 ? 0 : usage.memoryBytes / usage.memoryLimit),
    NetIO: pair(usage.receivedBytes, usage.sentBytes),
    BlockIO: pair(usage.readBytes, usage.writtenBytes),
    PIDs: String(usage.tasks),
  };
}

/** A container that was started anew counts from the beginning. */
function cpuShare(before: ContainerUsage, after: ContainerUsage): number {
  const milliseconds = after.at - before.at;
  const used = Math.max(0, after.cpuNanoseconds - before.cpuNanoseconds) / 1e6;
  return milliseconds > 0 ? used / milliseconds : 0;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
