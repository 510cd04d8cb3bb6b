import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** One thing that is measured. `run` does one round and may return its own figure, in the benchmark's unit. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<number | undefined>;
  /** What has to be there before each round, and is not measured. */
  readonly before?: () => Promise<void>;
  /** For a slow one: fewer rounds than the others. */
  readonly rounds?: number;
  readonly close?: () => Promise<void>;
}

/** A contender that cannot take part here, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

export interface Benchmark {
  readonly name: string;
  readonly what: string;
  readonly rounds: number;
  /** Milliseconds unless it says otherwise. */
  readonly unit?: 'MiB';
  /** False where the first round is what counts. */
  readonly warmUp?: false;
  /** The first contender is the one that ratios refer to. */
  readonly contenders: () => Promise<readonly (Contender | Absent)[]>;
}

export interface Row {
  readonly name: string;
  readonly median: number;
  readonly fastest: number;
  readonly slowest: number;
  readonly p99: number;
  readonly rounds: number;
  /** This median divided by the first contender's. */
  readonly ratio: number;
}

export interface BenchResult {
  readonly benchmark: string;
  readonly what: string;
  readonly unit: 'ms' | 'MiB';
  readonly rows: readonly Row[];
  readonly absent: readonly Absent[];
}

/**
 * Measure side by side: one warm-up each unless it is left out, then every contender once a round, so that a machine whose speed drifts
 * treats all alike.
 */
export async function measure(benchmark: Benchmark): Promise<BenchResult> {
  const all = await benchmark.contenders();
  const contenders = all.filter(one => 'run' in one);
  const absent = all.filter((one): one is Absent => !('run' in one));
  const samples = new Map<string, number[]>(contenders.map(one => [one.name, []]));
  try {
    if (benchmark.warmUp !== false) for (const one of contenders) await timed(one);
    for (let round = 0; round < benchmark.rounds; round += 1) {
      for (const one of contenders)
        if (round < (one.rounds ?? benchmark.rounds)) samples.get(one.name)?.push(await timed(one));
    }
  } finally {
    for (const one of contenders) await one.close?.();
  }
  const base = median(samples.get(contenders[0]?.name ?? '') ?? []);
  const rows = contenders.map(one => summarise(one.name, { values: samples.get(one.name) ?? [], base }));
  const { name, what, unit = 'ms' } = benchmark;
  return { benchmark: name, what, unit, rows, absent };
}

async function timed(contender: Contender): Promise<number> {
  await contender.before?.();
  const start = performance.now();
  const own = await contender.run();
  return own ?? performance.now() - start;
}

function summarise(name: string, { values, base }: { values: readonly number[]; base: number }): Row {
  const middle = median(values);
  return {
    name,
    median: middle,
    fastest: Math.min(...values),
    slowest: Math.max(...values),
    p99: percentile(values, 99),
    rounds: values.length,
    ratio: middle / base,
  };
}

/** The smallest value that so many per cent of all do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil((sorted.length * share) / 100) - 1, 0)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** A table for people. */
export function formatResult(result: BenchResult): string {
  const cells = result.rows.map(row => [
    row.name,
    row.median.toFixed(2),
    row.fastest.toFixed(2),
    row.p99.toFixed(2),
    row.slowest.toFixed(2),
    String(row.rounds),
    `${row.ratio.toFixed(2)}×`,
  ]);
  const table = [['', `median ${result.unit}`, 'min', 'p99', 'max', 'n', 'ratio'], ...cells];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map(line => line[column]?.length ?? 0))) ?? [];
  const lines = table.map(line =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  const absent = result.absent.map(one => `${one.name}: not measured, ${one.reason}`);
  return [`${result.benchmark}: ${result.what}`, ...lines, ...absent].join('\n');
}

/** Run a command to its end; throws with the end of its output when it fails. */
export function command(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const output: Buffer[] = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => output.push(chunk));
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `${program} ${args.join(' ')} ended with ${code}: ${Buffer.concat(output).toString().slice(-600)}`,
          ),
        );
    });
  });
}

/** A contender that is a whole command, or the reason why it is absent. */
export async function commandContender(
  name: string,
  {
    program,
    args,
    env,
    prepare,
  }: { program: string; args: readonly string[]; env?: NodeJS.ProcessEnv; prepare?: () => Promise<void> },
): Promise<Contender | Absent> {
  try {
    await prepare?.();
    await command(program, args, env);
  } catch (error) {
    return {
      name,
      reason: String(error instanceof Error ? error.message : error)
        .split('\n')
        .slice(-2)
        .join(' ')
        .slice(0, 200),
    };
  }
  return {
    name,
    run: async () => {
      await command(program, args, env);
      return undefined;
    },
  };
}
