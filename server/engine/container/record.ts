import type { Digest } from '../../common/digest.ts';
import type { RunConfig } from '../image/types.ts';
import type { MonitorState, ProcessIdentity, PublishedPort } from '../runtime/types.ts';
import type { ChainId } from '../snapshot/types.ts';
import { type Check, SchemaError } from '../store/schema.ts';
import type { ContainerOptions } from './types.ts';
import type { ResolvedUser } from './user.ts';

/** A mount with its source decided: what `create` made of options, image volumes and `--volumes-from`. */
export interface RecordedMount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** Name of the volume. */
  readonly volume?: string;
  /** The volume was made for this container and goes with it when volumes are removed too. */
  readonly anonymous?: boolean;
  /** Host path; empty for tmpfs. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options: readonly string[];
  /** An empty volume is filled from the image. */
  readonly copyUp: boolean;
}

export type NetworkChoice =
  | { readonly mode: 'bridge'; readonly name: string }
  | { readonly mode: 'none' | 'host' }
  | { readonly mode: 'container'; readonly container: string };

/** Namespaces that are not the container's own; the network is told by {@link NetworkChoice}. */
export interface SharedNamespaces {
  readonly pid?: 'host' | { readonly container: string };
  readonly ipc?: 'host';
  readonly uts?: 'host';
  readonly cgroup?: 'host';
}

/** `record.json`: what a container is. Only `name`, limits and restart policy change after `create`. */
export interface ContainerRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly image: { readonly id: Digest; readonly reference: string };
  readonly chainId?: ChainId;
  readonly options: ContainerOptions;
  readonly config: RunConfig;
  readonly args: readonly string[];
  readonly hostname: string;
  readonly createdAt: string;
  readonly mounts: readonly RecordedMount[];
  readonly network: NetworkChoice;
  /** Earlier versions did not write it. */
  readonly namespaces?: SharedNamespaces;
  readonly links: readonly { readonly container: string; readonly alias: string }[];
  readonly warnings: readonly string[];
}

/** `failure.json`: why the last start failed. */
export interface StartFailure {
  readonly message: string;
  readonly exitCode: number;
}

/** `run.json` in the runtime folder: what a start decided, for `exec`, `inspect` and links. Gone after a reboot. */
export interface RunRecord {
  /** Whose run it is: the store, and the container's full id. Earlier versions did not write them. */
  readonly root?: string;
  readonly id?: string;
  readonly env: readonly string[];
  readonly user: ResolvedUser;
  readonly cgroups: readonly string[];
  readonly seccompFilter?: string;
  readonly network: {
    readonly address?: string;
    readonly gateway?: string;
    readonly mac?: string;
  };
  readonly links: readonly { readonly alias: string; readonly address: string }[];
  readonly warnings: readonly string[];
}

/** Identity that state.json gives a process. */
export type { ProcessIdentity, PublishedPort };

type Fields = { readonly [key: string]: unknown };

/** Checks that what other code relies on is there; the rest was written by this module's own callers. */
export const containerRecord: Check<ContainerRecord> = (value, at) => {
  const record = object(value, at);
  if (record.version !== 1) throw new SchemaError(`${at}version is not 1`);
  for (const key of ['id', 'name', 'createdAt', 'hostname']) requireText(record[key], at + key);
  for (const key of ['args', 'mounts', 'links', 'warnings']) requireList(record[key], at + key);
  for (const key of ['image', 'options', 'config', 'network']) object(record[key], at + key);
  return value as ContainerRecord;
};

export const monitorState: Check<MonitorState> = (value, at) => {
  const state = object(value, at);
  if (state.status === 'running') {
    for (const key of ['monitor', 'process']) object(state[key], at + key);
    requireList(state.ports, `${at}ports`);
  } else if (state.status === 'restarting') {
    object(state.monitor, `${at}monitor`);
  } else if (state.status !== 'exited' || typeof state.exitCode !== 'number') {
    throw new SchemaError(`${at}status is neither running nor exited with a code`);
  }
  return value as MonitorState;
};

export const startFailure: Check<StartFailure> = (value, at) => {
  const failure = object(value, at);
  requireText(failure.message, `${at}message`);
  if (typeof failure.exitCode !== 'number') throw new SchemaError(`${at}exitCode is not a number`);
  return value as StartFailure;
};

export const runRecord: Check<RunRecord> = (value, at) => {
  const run = object(value, at);
  for (const key of ['env', 'cgroups', 'links', 'warnings']) requireList(run[key], at + key);
  for (const key of ['user', 'network']) object(run[key], at + key);
  return value as RunRecord;
};

function object(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new SchemaError(`${at || 'the document'} is not an object`);
}

function requireText(value: unknown, at: string): void {
  if (typeof value !== 'string') throw new SchemaError(`${at} is not a string`);
}

function requireList(value: unknown, at: string): void {
  if (!Array.isArray(value)) throw new SchemaError(`${at} is not a list`);
}
