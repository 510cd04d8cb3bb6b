import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../runtime/types.ts';

/** Who writes a temporary file. Only the first 8 hex digits of the boot id are kept: file names stay short. */
export type Owner = ProcessIdentity;

const tagPattern = /\.(\d+)-(\d+)-([0-9a-f]{8})$/;
let self: Owner | undefined;
let boot: string | undefined;

/** This process. */
export function currentOwner(): Owner {
  self ??= { pid: process.pid, startTime: startTime(process.pid) ?? '0', bootId: bootId() };
  return self;
}

/** False once the process is gone, and after a reboot. */
export function isOwnerAlive(owner: Owner): boolean {
  return owner.bootId === bootId() && startTime(owner.pid) === owner.startTime;
}

/** The owner as the last part of a file name. */
export function ownerTag(owner: Owner): string {
  return `${owner.pid}-${owner.startTime}-${owner.bootId}`;
}

/** The owner in a file name made with {@link ownerTag}; undefined when there is none. */
export function ownerOfFile(name: string): Owner | undefined {
  const match = tagPattern.exec(name);
  if (match === null) return undefined;
  const [, pid = '', start = '', bootId = ''] = match;
  return { pid: Number(pid), startTime: start, bootId };
}

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  return boot;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); undefined when there is no such process. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name in field 2 may hold blanks and brackets: count from its last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
