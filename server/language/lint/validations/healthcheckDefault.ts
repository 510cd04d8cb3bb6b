import { parseDuration } from '../../../common/duration.ts';
import type { InstructionRule } from '../editorRule.ts';
import { removeFlag } from '../removeFlag.ts';
import { spanOf } from '../walk.ts';

const defaults: { readonly [flag: string]: string } = {
  interval: '30s',
  timeout: '30s',
  'start-period': '0s',
  'start-interval': '5s',
  retries: '3',
};

/** Zero is not zero for a HEALTHCHECK. */
export const healthcheckDefault: InstructionRule = {
  id: 'HealthcheckDefault',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: ['HEALTHCHECK'],
  isForTriggers: true,
  severity: 'warning',
  summary: 'Zero stands for the default of a HEALTHCHECK flag',
  documentation:
    'An image keeps no zero for the times and retries of a `HEALTHCHECK`: with it the default applies, which is 30s for `--interval` and `--timeout`, 5s for `--start-interval` and 3 for `--retries`. Leave the flag out, or write the value that is meant. `HEALTHCHECK NONE` switches the check off.',
  *check({ node, text }) {
    for (const flag of node.flags) {
      const name = flag.name.text;
      const standard = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
      if (!flag.value || standard === undefined) continue;
      const value = flag.value.text;
      const isZero = name === 'retries' ? /^[+-]?0+$/.test(value) : isZeroDuration(value);
      if (!isZero) continue;
      const message = `--${name}=${value} means the default, which is ${standard}`;
      yield { ...spanOf(flag), message, fix: removeFlag(flag, text) };
    }
  },
};

function isZeroDuration(value: string): boolean {
  const duration = parseDuration(value);
  return value !== '' && duration.error === undefined && duration.nanoseconds === 0;
}
