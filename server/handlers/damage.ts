import type { SampanError } from '../common/errors.ts';
import type { DamagedObject } from '../protocol/types.ts';
import type { Call } from './call.ts';
import { toDamaged } from './convert.ts';

/** The damage of a survey for the client, and for the log. */
export function told(damaged: readonly SampanError[], warn: Call['warn']): readonly DamagedObject[] {
  for (const { message, hint } of damaged) warn(`${message} ${hint}`);
  return toDamaged(damaged);
}
