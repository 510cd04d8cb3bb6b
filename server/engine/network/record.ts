import { type Check, SchemaError, shape, text } from '../store/schema.ts';

/** `record.json` of a bridge network. */
export interface NetworkRecord {
  readonly version: 1;
  readonly name: string;
  /** 64 hex digits. */
  readonly id: string;
  /** Interface name. */
  readonly bridge: string;
  /** `172.17.0.0/16`. */
  readonly subnet: string;
  /** `172.17.0.1`. */
  readonly gateway: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

const fields = shape({ name: text, id: text, bridge: text, subnet: text, gateway: text, createdAt: text });

export const networkRecord: Check<NetworkRecord> = (value, at) => {
  if ((value as { version?: unknown } | null)?.version !== 1) throw new SchemaError('version is not 1');
  return { version: 1, ...fields(value, at) };
};
