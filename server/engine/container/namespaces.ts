import { SampanError } from '../../common/errors.ts';
import type { NamespaceChoice, ProcessIdentity } from '../runtime/types.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { isRunning } from './exit.ts';
import type { ContainerRecord, SharedNamespaces } from './record.ts';
import type { ContainerOptions } from './types.ts';

/**
 * Which namespaces a container shares, from docker's `--pid`, `--ipc`, `--uts` and `--cgroupns`.
 *
 * @throws SampanError `invalid-argument` for a mode that there is not, `not-found`, `unsupported`
 */
export async function resolveNamespaces(
  context: ContainerContext,
  options: ContainerOptions,
): Promise<SharedNamespaces> {
  const { pid = '', ipc = '', uts = '', cgroup = '' } = options.namespaces ?? {};
  if (uts === 'host' && options.hostname)
    throw invalid('Conflicting options: hostname and the UTS mode.', 'The host name is that of the host.');
  if (ipc.startsWith('container:'))
    throw new SampanError(
      'unsupported',
      `The IPC mode ${ipc} is not supported: its /dev/shm could not be shared.`,
      {
        hint: 'Use --ipc host, or a volume that both containers mount.',
      },
    );
  return {
    ...(await sharedPid(context, pid)),
    ...hostOr('IPC', { mode: ipc, others: ['', 'private', 'shareable'], shared: { ipc: 'host' } }),
    ...hostOr('UTS', { mode: uts, others: ['', 'private'], shared: { uts: 'host' } }),
    ...hostOr('cgroup', { mode: cgroup, others: ['', 'private'], shared: { cgroup: 'host' } }),
  };
}

async function sharedPid(context: ContainerContext, mode: string): Promise<SharedNamespaces> {
  if (mode.startsWith('container:'))
    return { pid: { container: await context.registry.resolve(mode.slice('container:'.length)) } };
  const shared = hostOr('PID', { mode, others: ['', 'private'], shared: { pid: 'host' } });
  const access = await context.cgroups();
  // Not the end of a first process ends the others there, only the end of their group.
  if (shared.pid && !access.v2Parent && !access.v1Parents.freezer)
    throw new SampanError(
      'unsupported',
      'The PID mode host needs a cgroup, by which the processes of the container are known at its end.',
      { hint: 'With systemd, start Sampan in a session of user@.service with Delegate=yes, or run as root.' },
    );
  return shared;
}

function hostOr(
  name: string,
  {
    mode,
    others,
    shared,
  }: { readonly mode: string; readonly others: readonly string[]; readonly shared: SharedNamespaces },
): SharedNamespaces {
  if (mode === 'host') return shared;
  if (others.includes(mode)) return {};
  throw invalid(`Invalid ${name} mode: ${mode}.`, "Use 'host', or leave it out.");
}

/** The container's namespaces as the helper makes or joins them. */
export async function findNamespaces(
  context: ContainerContext,
  record: ContainerRecord,
): Promise<Omit<NamespaceChoice, 'network'>> {
  const { pid, ipc, uts, cgroup } = record.namespaces ?? {};
  return {
    pid: typeof pid === 'object' ? await processOf(context, pid.container) : (pid ?? 'private'),
    ipc: ipc ?? 'private',
    uts: uts ?? 'private',
    cgroup: cgroup ?? 'private',
  };
}

async function processOf(context: ContainerContext, container: string): Promise<ProcessIdentity> {
  const other = await requireFacts(context, container);
  if (isRunning(other)) return other.state.process;
  throw new SampanError(
    'not-running',
    `Cannot join the PID namespace of a non running container: ${other.record.name}.`,
    { hint: `Start it first: sampan start ${other.record.name}` },
  );
}

function invalid(message: string, hint: string): SampanError {
  return new SampanError('invalid-argument', message, { hint });
}
