import { SampanError } from '../../common/errors.ts';
import type { ProcessSpec } from '../runtime/types.ts';
import { rlimitResources } from './defaults.ts';
import type { ContainerOptions } from './types.ts';

type Rlimits = ProcessSpec['rlimits'];

/**
 * `--ulimit` values as resource limits, -1 being unlimited.
 *
 * @throws SampanError `invalid-argument`
 */
export function resolveUlimits(ulimits: ContainerOptions['ulimits'] = []): Rlimits {
  return ulimits.map(({ name, soft, hard }) => {
    const resource = rlimitResources[name.toLowerCase()];
    if (resource === undefined) throw invalid(`Invalid ulimit type: ${name}.`);
    if (hard !== -1 && (soft === -1 || soft > hard)) {
      throw invalid(
        `The ulimit ${name} is invalid: soft limit must be less than or equal to hard limit: ${soft} > ${hard}.`,
      );
    }
    return { resource, soft: rlimitText(soft), hard: rlimitText(hard) };
  });
}

function rlimitText(value: number): string {
  return value === -1 ? 'unlimited' : String(value);
}

function invalid(message: string): SampanError {
  return new SampanError('invalid-argument', message, {
    hint: `Types are ${Object.keys(rlimitResources).join(', ')}; values are soft[:hard], -1 for unlimited.`,
  });
}
