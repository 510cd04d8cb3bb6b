import { join } from 'node:path';
import { isSampanError } from '../../common/errors.ts';
import type {
  CgroupSpec,
  ContainerContent,
  ContainerPlace,
  NamespaceChoice,
  ProcessIdentity,
  ProcessSpec,
  RootfsLayers,
} from '../runtime/types.ts';
import { resolveCapabilities } from './capabilities.ts';
import { defaultLog, defaultShmSize } from './defaults.ts';
import { actorOf } from './events.ts';
import { healthSpec } from './health.ts';
import { mountSpecs } from './mounts.ts';
import type { ContainerRecord } from './record.ts';
import { encodePolicy } from './restartPolicy.ts';
import { resolveSecurity } from './security.ts';
import { requestedPorts } from './state.ts';
import { resolveSysctls } from './sysctls.ts';
import { resolveUlimits } from './ulimits.ts';
import type { ResolvedUser } from './user.ts';

/** What a start finds out first. */
export interface PlaceInput {
  readonly record: ContainerRecord;
  readonly directory: string;
  readonly runDirectory: string;
  readonly cgroups: readonly CgroupSpec[];
  /** The process whose network namespace is shared. */
  readonly networkOf: ProcessIdentity | undefined;
  /** The other namespaces. */
  readonly namespaces: Omit<NamespaceChoice, 'network'>;
  readonly waitForAttach: boolean;
  /** Folder of the journal of events. */
  readonly journal: string;
}

/** What it finds out while the place is being made; all else follows from the record. */
export interface ContentInput {
  readonly record: ContainerRecord;
  readonly rootfs: RootfsLayers;
  readonly env: readonly string[];
  readonly user: ResolvedUser;
  /** With the length of the prefix. */
  readonly address: string | undefined;
  readonly gateway: string | undefined;
  /** Files of the container's folder that are bound into /etc. */
  readonly etcFiles: readonly EtcFile[];
  readonly files: ContainerContent['files'];
  readonly runRecord: string;
  readonly seccompFilter: string | undefined;
  readonly ttySize: { readonly rows: number; readonly columns: number } | undefined;
}

export interface EtcFile {
  readonly source: string;
  readonly target: string;
}

/** What the monitor needs to make a container's namespaces and groups. Pure. */
export function containerPlace(input: PlaceInput): ContainerPlace {
  const { record, waitForAttach } = input;
  const { options } = record;
  return {
    id: record.id,
    directory: input.directory,
    runDirectory: input.runDirectory,
    namespaces: { ...input.namespaces, network: networkNamespace(input) },
    cgroups: input.cgroups,
    onBridge: record.network.mode === 'bridge',
    ports: record.network.mode === 'host' ? [] : requestedPorts(record),
    tty: options.tty ?? false,
    init: options.init ?? false,
    ...(options.oomScoreAdj ? { oomScoreAdj: options.oomScoreAdj } : {}),
    openStdin: options.openStdin ?? false,
    stdinOnce: (options.openStdin ?? false) && waitForAttach,
    waitForAttach,
    health: healthSpec(record.config),
    restart: encodePolicy(options.restart),
    events: { journal: input.journal, actor: actorOf(record) },
    log: defaultLog,
  };
}

/** What it needs to run the process there. Pure. */
export function containerContent(input: ContentInput): ContainerContent {
  const { record } = input;
  const { options } = record;
  const security = resolveSecurity(options.securityOpt);
  return {
    rootfs: input.rootfs,
    readOnlyRootfs: options.readOnly ?? false,
    process: processSpec(input),
    hostname: record.hostname,
    mounts: [...etcMounts(input), ...mountSpecs(record.mounts)],
    maskedPaths: security.maskedPaths,
    readOnlyPaths: security.readOnlyPaths,
    shmSize: options.shmSize || defaultShmSize,
    sysctls: resolveSysctls(options.sysctls, {
      network: record.network,
      ownIpc: record.namespaces?.ipc !== 'host',
    }),
    address: input.address,
    gateway: input.gateway,
    files: input.files ?? [],
    runRecord: input.runRecord,
    seccompFilter: input.seccompFilter,
  };
}

function processSpec(input: ContentInput): ProcessSpec {
  const { options, config, args } = input.record;
  return {
    args,
    env: input.env,
    cwd: config.WorkingDir || '/',
    createCwd: true,
    uid: input.user.uid,
    gid: input.user.gid,
    groups: input.user.groups,
    tty: options.tty ?? false,
    ...(input.ttySize ? { ttySize: input.ttySize } : {}),
    capabilities: resolveCapabilities(options.capAdd ?? [], options.capDrop ?? []),
    noNewPrivileges: resolveSecurity(options.securityOpt).noNewPrivileges,
    rlimits: resolveUlimits(options.ulimits),
  };
}

function networkNamespace({ record, networkOf }: PlaceInput): NamespaceChoice['network'] {
  return record.network.mode === 'host' ? 'host' : (networkOf ?? 'private');
}

/** A mount of the user's own at such a place wins, as with docker. */
function etcMounts({ record, etcFiles }: ContentInput): ContainerContent['mounts'] {
  const taken = new Set(record.mounts.map(mount => mount.target));
  return etcFiles
    .filter(file => !taken.has(file.target))
    .map(({ source, target }) => ({
      kind: 'bind',
      source,
      target,
      readOnly: record.options.readOnly ?? false,
      options: ['rprivate'],
    }));
}

/** Names of the files in a container's folder that become its /etc/hosts, /etc/hostname and /etc/resolv.conf. */
export function etcFilesOf(directory: string): readonly EtcFile[] {
  return ['hosts', 'hostname', 'resolv.conf'].map(name => ({
    source: join(directory, name),
    target: `/etc/${name}`,
  }));
}

/** Docker's exit code of a container that did not start. */
export function startExitCode(error: unknown): number {
  if (isSampanError(error, 'command-not-found')) return 127;
  if (isSampanError(error, 'command-not-executable')) return 126;
  return 128;
}
