import { SampanError } from '../../common/errors.ts';
import { minimumMemory } from './defaults.ts';
import type { Limits } from './types.ts';

/** Limits after docker's checks: absent where unlimited, sizes in bytes. */
export interface CheckedLimits {
  readonly memory?: number;
  /** Memory plus swap, bytes, or unlimited. */
  readonly memorySwap?: number | 'max';
  /** memorySwap is docker's default of twice the memory, not a wish. */
  readonly memorySwapImplied: boolean;
  readonly memoryReservation?: number;
  /** Microseconds of CPU in each period of 100 ms. */
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pids?: number;
}

/** Length of a CPU period, microseconds. */
export const cpuPeriod = 100_000;

/** The kernel refuses quotas below 1 ms. */
const minimumQuota = 1000;

/**
 * Docker's checks of resource limits.
 *
 * @param online CPUs of the host
 * @throws SampanError `invalid-argument`
 */
export function checkLimits(limits: Limits, online: number): CheckedLimits {
  const { memory, swap } = checkMemory(limits);
  const quota = checkCpus(limits.cpus, online);
  if (limits.cpuShares === 1 || (limits.cpuShares ?? 0) < 0)
    throw invalid(`CPU shares of ${limits.cpuShares} are too few.`, 'The minimum allowed cpu-shares is 2.');
  checkCpuset(limits.cpusetCpus, online);
  return {
    ...(memory ? { memory } : {}),
    ...(swap === undefined ? {} : { memorySwap: swap }),
    memorySwapImplied: !limits.memorySwap,
    ...(limits.memoryReservation ? { memoryReservation: limits.memoryReservation } : {}),
    ...(quota ? { cpuQuota: quota } : {}),
    ...(limits.cpuShares ? { cpuShares: limits.cpuShares } : {}),
    ...(limits.cpusetCpus ? { cpusetCpus: limits.cpusetCpus } : {}),
    ...(limits.cpusetMems ? { cpusetMems: limits.cpusetMems } : {}),
    ...(limits.pids && limits.pids > 0 ? { pids: limits.pids } : {}),
  };
}

function checkMemory(limits: Limits): { memory: number | undefined; swap: number | 'max' | undefined } {
  const memory = limits.memory || undefined;
  if (memory !== undefined && memory < minimumMemory)
    throw invalid(`A memory limit of ${memory} bytes is too small.`, 'Minimum memory limit allowed is 6MB.');
  if (limits.memorySwap && !memory)
    throw invalid('A memory-swap limit needs a memory limit.', 'Set the memory limit too (-m).');
  if (limits.memorySwap && limits.memorySwap > 0 && limits.memorySwap < (memory ?? 0))
    throw invalid(
      'The memory-swap limit is smaller than the memory limit.',
      'memory-swap is memory plus swap: make it at least as large, or -1.',
    );
  const reservation = limits.memoryReservation || undefined;
  if (reservation !== undefined && reservation < minimumMemory)
    throw invalid(`A memory reservation of ${reservation} bytes is too small.`, 'Minimum is 6MB.');
  if (reservation && memory && reservation > memory)
    throw invalid('The memory limit is smaller than the memory reservation.', 'Lower the reservation.');
  if (!memory) return { memory, swap: undefined };
  if (limits.memorySwap === -1) return { memory, swap: 'max' };
  return { memory, swap: limits.memorySwap || memory * 2 };
}

function checkCpus(cpus: number | undefined, online: number): number | undefined {
  if (!cpus) return undefined;
  const quota = Math.round(cpus * cpuPeriod);
  if (quota < minimumQuota || cpus > online)
    throw invalid(
      `${cpus} CPUs cannot be given.`,
      `The range of CPUs is from 0.01 to ${online.toFixed(2)}, as there are only ${online} CPUs available.`,
    );
  return quota;
}

function checkCpuset(cpus: string | undefined, online: number): void {
  if (!cpus) return;
  const list = cpus.split(',').map(part => /^(\d+)(?:-(\d+))?$/.exec(part.trim()));
  if (list.some(match => !match))
    throw invalid(`Invalid value ${cpus} for cpuset cpus.`, 'Use a form like 0-2,4.');
  const highest = Math.max(...list.map(match => Number(match?.[2] ?? match?.[1])));
  if (highest >= online)
    throw invalid(`Requested CPUs are not available: requested ${cpus}.`, `Available: 0-${online - 1}.`);
}

function invalid(message: string, hint: string): SampanError {
  return new SampanError('invalid-argument', message, { hint });
}

/**
 * The v2 weight of v1 CPU shares, by the formula that runc and crun agree on since 2025
 * (opencontainers/cgroups, `utils.go`): 1024 becomes 100, 2 becomes 1, 262144 becomes 10000.
 */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}
