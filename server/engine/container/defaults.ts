/** Docker's defaults of a container, as found in a running one of docker 28.5 and in moby's `oci/defaults.go`. */

/** PATH of a process when neither image nor options set one. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Size of /dev/shm, bytes. */
export const defaultShmSize = 64 * 1024 * 1024;

/** Seconds between the stop signal and SIGKILL. */
export const defaultStopTimeout = 10;

/** Smallest memory limit that docker takes, bytes. */
export const minimumMemory = 6 * 1024 * 1024;

/**
 * Rotation is on although docker's json-file has none: logs that fill the disk are among the oldest
 * complaints about docker (moby#8911).
 */
export const defaultLog = { maxBytes: 20 * 1024 * 1024, maxFiles: 5 };

/** Paths that a container must not see into. Those that the kernel does not have are skipped by the helper. */
export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

/** Paths that a container must not write to. */
export const readOnlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** Resource numbers of setrlimit(2) by the names that `--ulimit` takes. */
export const rlimitResources: { readonly [name: string]: number } = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};
