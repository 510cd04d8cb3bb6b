import type { Limits } from '../../server/protocol/types.ts';
import { parseAssignments } from './assignments.ts';

/** Limits as typed, or what is wrong with them. */
export type LimitsInput =
  | { readonly limits: Limits; readonly problem?: undefined }
  | { readonly problem: string };

const units: { readonly [unit: string]: number | undefined } = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
};

/** Reads `memory=512m cpus=1.5 pids=100`: docker's sizes (b, k, m, g; binary), whole or partial processors, processes. */
export function parseLimits(text: string): LimitsInput {
  const words = parseAssignments(text);
  if (words.problem !== undefined) return words;
  let limits: Limits = {};
  for (const [name, value] of Object.entries(words.values)) {
    const number = name === 'memory' ? bytes(value) : Number(value);
    if (!['memory', 'cpus', 'pids'].includes(name))
      return { problem: `${name} is no limit: there are memory, cpus and pids.` };
    if (!(number > 0) || (name === 'pids' && !Number.isInteger(number)))
      return { problem: `${value} is no ${name}: write memory=512m, cpus=1.5 or pids=100.` };
    limits = { ...limits, [name]: number };
  }
  return { limits };
}

function bytes(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(text) ?? [];
  return Math.floor(Number(amount) * (units[unit.toLowerCase()] ?? Number.NaN));
}
