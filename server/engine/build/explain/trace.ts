import { createHash } from 'node:crypto';
import { unlessDamaged } from '../../store/damage.ts';
import { readRecord, writeRecord } from '../../store/records.ts';
import { type Check, count, listOf, SchemaError, shape, text } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { StepInputs, TracedStep } from './types.ts';

/** What makes two builds the same one, built again. */
export interface TraceIdentity {
  readonly contextDirectory: string | undefined;
  readonly dockerfile: string;
  readonly platform: string;
}

/** Of the record of one Dockerfile, in characters of JSON. */
const traceMax = 1024 * 1024;

/** Without a place in each message: there are thousands of entries. */
const inputs: Check<StepInputs> = value => {
  if (
    typeof value !== 'object' ||
    value === null ||
    Object.values(value).some(one => typeof one !== 'string')
  )
    throw new SchemaError('inputs has other than text');
  return value as StepInputs;
};
const record = shape({
  steps: listOf(shape({ stage: text, position: count, name: text, key: text, parent: text, inputs })),
});

/**
 * How the steps of a Dockerfile were when it was last built; none for a build that cannot be told from others. Losing
 * it costs explanations only.
 */
export async function readTrace(
  { paths }: Store,
  identity: TraceIdentity | undefined,
): Promise<readonly TracedStep[]> {
  if (!identity) return [];
  const path = paths.cacheRecord(nameOf(identity));
  return (await unlessDamaged(readRecord(path, record)))?.steps ?? [];
}

export async function writeTrace(
  { paths }: Store,
  identity: TraceIdentity | undefined,
  steps: readonly TracedStep[],
): Promise<void> {
  if (!identity) return;
  await writeRecord(paths, paths.cacheRecord(nameOf(identity)), { steps: bounded(steps) });
}

function nameOf(identity: TraceIdentity): string {
  const { contextDirectory = '', dockerfile, platform } = identity;
  return `trace-${createHash('sha256').update([contextDirectory, dockerfile, platform].join('\0')).digest('hex')}`;
}

/** Without the names of files where there are too many of them in all. */
function bounded(steps: readonly TracedStep[]): readonly TracedStep[] {
  let size = 0;
  return steps.map(step => {
    const length = JSON.stringify(step).length;
    if (size + length <= traceMax) {
      size += length;
      return step;
    }
    const kept = Object.entries(step.inputs).filter(([name]) => !/^(?:file|folder) /.test(name));
    return { ...step, inputs: Object.fromEntries(kept) };
  });
}
