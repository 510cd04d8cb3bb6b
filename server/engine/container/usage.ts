/** What a container takes of the machine at one moment: counters since its start, and what it holds now. */
export interface ContainerUsage {
  readonly id: string;
  readonly name: string;
  /** Milliseconds of a clock that never goes back: two samples tell a rate. */
  readonly at: number;
  /** All zero: it does not run. */
  readonly cpuNanoseconds: number;
  /** Bytes, without the file cache that the kernel would give back first. */
  readonly memoryBytes: number;
  /** Its limit, or the memory of the machine. */
  readonly memoryLimit: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Processes and threads, as the kernel counts for a limit. */
  readonly tasks: number;
}

/** Texts of files by their names, as far as there are any. */
export type Texts = { readonly [file: string]: string | undefined };

/** What the groups of a container tell; undefined where no controller counts. */
export interface GroupUsage {
  readonly cpuNanoseconds: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly memoryLimit: number | undefined;
  readonly readBytes: number | undefined;
  readonly writtenBytes: number | undefined;
  readonly tasks: number | undefined;
}

/** Files of a group that count, of v2 (cgroup-v2.rst) and of v1 (cgroup-v1/): those that there are tell which it is. */
export const groupFiles = [
  'cpu.stat',
  'memory.current',
  'memory.max',
  'memory.stat',
  'io.stat',
  'pids.current',
  'cpuacct.usage',
  'memory.usage_in_bytes',
  'memory.limit_in_bytes',
  'blkio.throttle.io_service_bytes_recursive',
] as const;

/** What one group tells. */
export function groupUsage(texts: Texts): GroupUsage {
  const io = texts['io.stat'];
  const v1Io = texts['blkio.throttle.io_service_bytes_recursive'];
  return {
    cpuNanoseconds: numberIn(texts['cpuacct.usage']) ?? microseconds(texts['cpu.stat']),
    memoryBytes: memoryWithoutCache(texts),
    memoryLimit: numberIn(texts['memory.max']) ?? numberIn(texts['memory.limit_in_bytes']),
    readBytes: sumOf(io, /rbytes=(\d+)/g) ?? sumOf(v1Io, /^\S+ Read (\d+)/gm),
    writtenBytes: sumOf(io, /wbytes=(\d+)/g) ?? sumOf(v1Io, /^\S+ Write (\d+)/gm),
    tasks: numberIn(texts['pids.current']),
  };
}

/** Each fact of the group that knows it. */
export function mergeUsage(groups: readonly GroupUsage[]): GroupUsage {
  const first = (key: keyof GroupUsage) => groups.find(group => group[key] !== undefined)?.[key];
  return {
    cpuNanoseconds: first('cpuNanoseconds'),
    memoryBytes: first('memoryBytes'),
    memoryLimit: first('memoryLimit'),
    readBytes: first('readBytes'),
    writtenBytes: first('writtenBytes'),
    tasks: first('tasks'),
  };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** `cpu.stat` of v1 has no such line. */
function microseconds(text: string | undefined): number | undefined {
  const usage = /^usage_usec (\d+)$/m.exec(text ?? '')?.[1];
  return usage === undefined ? undefined : Number(usage) * 1000;
}

/** As docker: what is in use without inactive file pages (docker/cli: cli/command/container/stats_helpers.go). */
function memoryWithoutCache(texts: Texts): number | undefined {
  const usage = numberIn(texts['memory.current']) ?? numberIn(texts['memory.usage_in_bytes']);
  if (usage === undefined) return undefined;
  const cache = Number(/^(?:total_)?inactive_file (\d+)$/m.exec(totals(texts['memory.stat']))?.[1] ?? 0);
  return cache < usage ? usage - cache : usage;
}

/** Of v1 the lines that count the groups below too come last, and count. */
function totals(stat = ''): string {
  return stat.split('\n').reverse().join('\n');
}

function sumOf(text: string | undefined, pattern: RegExp): number | undefined {
  if (text === undefined) return undefined;
  return [...text.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
}

/** Bytes over all interfaces but the loopback (proc_pid_net(5), `dev`). */
export function networkUsage(text = ''): Pick<ContainerUsage, 'receivedBytes' | 'sentBytes'> {
  const sums = { receivedBytes: 0, sentBytes: 0 };
  for (const line of text.split('\n')) {
    const [name = '', counters = ''] = line.split(':');
    const fields = counters.trim().split(/\s+/).map(Number);
    if (fields.length < 9 || name.trim() === 'lo') continue;
    sums.receivedBytes += fields[0] ?? 0;
    sums.sentBytes += fields[8] ?? 0;
  }
  return sums;
}

/** One process, from its `stat` (proc_pid_stat(5)). */
export interface ProcessUsage {
  readonly pid: number;
  readonly parent: number;
  /** Its own and that of children it waited for. */
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
  readonly threads: number;
}

/** The kernel counts in ticks of a hundredth of a second wherever user space looks (USER_HZ). */
const nanosecondsPerTick = 1e7;
const pageBytes = 4096;

/** Undefined for a process that has ended. */
export function processUsage(stat: string | undefined): ProcessUsage | undefined {
  // A name may hold blanks and brackets: it ends at the last one.
  const match = /^(\d+) \(.*\) (.*)$/s.exec(stat ?? '');
  if (!match) return undefined;
  const fields = (match[2] as string).split(' ').map(Number);
  const field = (number: number) => fields[number - 3] ?? 0;
  return {
    pid: Number(match[1]),
    parent: field(4),
    cpuNanoseconds: (field(14) + field(15) + field(16) + field(17)) * nanosecondsPerTick,
    memoryBytes: field(24) * pageBytes,
    threads: field(20),
  };
}

/** A process and all that descend from it. */
export function descendants(processes: readonly ProcessUsage[], root: number): readonly ProcessUsage[] {
  const children = new Map<number, ProcessUsage[]>();
  for (const process of processes)
    children.set(process.parent, [...(children.get(process.parent) ?? []), process]);
  const found = processes.filter(({ pid }) => pid === root);
  for (let index = 0; index < found.length; index++)
    found.push(...(children.get((found[index] as ProcessUsage).pid) ?? []));
  return found;
}

/** Bytes to and from block devices (proc_pid_io(5)). */
export function blockUsage(io = ''): Pick<ContainerUsage, 'readBytes' | 'writtenBytes'> {
  return {
    readBytes: sumOf(io, /^read_bytes: (\d+)$/gm) ?? 0,
    writtenBytes: sumOf(io, /^write_bytes: (\d+)$/gm) ?? 0,
  };
}
