import { SampanError } from '../common/errors.ts';
import type { DamagedObject } from '../protocol/types.ts';
import { CliFailure } from './failure.ts';
import { note } from './output.ts';

/** Tells the user what failed and what to do, on stderr. */
export function reportFailure(error: unknown): void {
  if (error instanceof CliFailure || error instanceof SampanError) {
    const bare = error instanceof CliFailure && error.bare;
    note(bare ? error.message : `sampan: ${error.message}`);
    if (error.hint) note(error.hint);
    if (process.env.SAMPAN_LOG === 'debug' && error.cause) note(String(stackOf(error.cause)));
    return;
  }
  note(`sampan: ${error instanceof Error ? error.message : error}`);
  if (process.env.SAMPAN_LOG === 'debug') note(String(stackOf(error)));
}

/** What a list could not show, on stderr, so that a script which reads the list goes on. */
export function reportDamage(damaged: readonly DamagedObject[]): void {
  for (const { message, hint } of damaged) note(`WARNING: ${message}\n${hint}`);
}

function stackOf(error: unknown): unknown {
  return error instanceof Error ? error.stack : error;
}
