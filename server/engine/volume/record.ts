import { type Check, mapOf, oneOf, SchemaError, shape, text } from '../store/schema.ts';

/** `record.json` of a volume; its data lie beside it. */
export interface VolumeRecord {
  readonly version: 1;
  readonly name: string;
  readonly labels: { readonly [name: string]: string };
  /** `anonymous` goes with the container it was made for. */
  readonly kind: 'named' | 'anonymous';
  /** RFC 3339. */
  readonly createdAt: string;
}

const fields = shape({
  name: text,
  labels: mapOf(text),
  kind: oneOf('named', 'anonymous'),
  createdAt: text,
});

export const volumeRecord: Check<VolumeRecord> = (value, at) => {
  if ((value as { version?: unknown } | null)?.version !== 1) throw new SchemaError('version is not 1');
  return { version: 1, ...fields(value, at) };
};
