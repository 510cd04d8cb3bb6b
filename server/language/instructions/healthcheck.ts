import { parseDuration } from '../../common/duration.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { type FlagValues, readFlagValues } from './flags.ts';
import type { Report } from './report.ts';
import type { HealthcheckInstruction } from './types.ts';

const minimumNanoseconds = 1e6;

/** HEALTHCHECK NONE, or HEALTHCHECK CMD with its command and times. */
export function readHealthcheck(node: InstructionNode, report: Report): HealthcheckInstruction | undefined {
  const [type, ...words] = node.args;
  if (!type) {
    report(node, 'missing-argument', 'HEALTHCHECK requires at least one argument');
    return undefined;
  }
  const base = { kind: 'HEALTHCHECK', node } as const;
  const kind = type.text.toUpperCase();
  if (kind === 'NONE') {
    const extra = words[0];
    if (extra) report(extra, 'extra-argument', 'HEALTHCHECK NONE takes no arguments');
    const none = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };
    return { ...base, command: undefined, ...none };
  }
  const flags = readFlagValues(node, report);
  if (kind !== 'CMD') {
    report(
      type,
      'unknown-healthcheck',
      `Unknown type ${JSON.stringify(kind)} in HEALTHCHECK (try CMD)`,
      'CMD',
    );
  } else if (words.length === 0) {
    report(node, 'missing-command', 'Missing command after HEALTHCHECK CMD');
  }
  return {
    ...base,
    command: { form: node.json ? 'exec' : 'shell', words },
    interval: readDuration(flags, 'interval', report),
    timeout: readDuration(flags, 'timeout', report),
    startPeriod: readDuration(flags, 'start-period', report),
    startInterval: readDuration(flags, 'start-interval', report),
    retries: readRetries(flags, report),
  };
}

function readDuration(flags: FlagValues, name: string, report: Report): number {
  const value = flags.text(name);
  if (!value || value.text === '') return 0;
  const duration = parseDuration(value.text);
  if (duration.error !== undefined) {
    report(value, 'invalid-duration', duration.error);
    return 0;
  }
  if (duration.nanoseconds !== 0 && duration.nanoseconds < minimumNanoseconds) {
    report(value, 'short-interval', `Interval ${JSON.stringify(name)} cannot be less than 1ms`);
  }
  return duration.nanoseconds;
}

function readRetries(flags: FlagValues, report: Report): number {
  const value = flags.text('retries');
  if (!value || value.text === '') return 0;
  const retries = /^[+-]?\d+$/.test(value.text) ? Number(value.text) : Number.NaN;
  if (Number.isNaN(retries) || retries >= 2 ** 31 || retries < -(2 ** 31)) {
    report(value, 'invalid-retries', `--retries needs a whole number, not ${JSON.stringify(value.text)}`);
    return 0;
  }
  if (retries < 0) report(value, 'invalid-retries', `--retries cannot be negative (${retries})`);
  return retries;
}
