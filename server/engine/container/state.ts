import type { MonitorState, PublishedPort } from '../runtime/types.ts';
import type { HealthState } from './health.ts';
import type { ContainerRecord, NetworkChoice, RunRecord, StartFailure } from './record.ts';
import type { Container, ContainerStatus } from './types.ts';

/** What a removal takes: with `--rm` and `rm -v` the container's anonymous volumes too. */
export type Removal = 'container' | 'container-and-volumes';

/** All that the disk and the process table say about a container. */
export interface ContainerFacts {
  readonly record: ContainerRecord;
  readonly directory: string;
  readonly state: MonitorState | undefined;
  /** Of the last start; only meaningful while running. */
  readonly run: RunRecord | undefined;
  readonly failure: StartFailure | undefined;
  /** The monitor that `state` names exists. */
  readonly monitorAlive: boolean;
  /** Its processes stand still: it is paused. */
  readonly frozen: boolean;
  /** What the health checks of the last start came to. */
  readonly health: HealthState | undefined;
  /** The last stop was asked for: a mark that the monitor and a reboot heed. */
  readonly stoppedByHand: boolean;
  /** Removal has begun. */
  readonly removing: Removal | undefined;
}

/** The facts of a container that was just created. */
export function newFacts(record: ContainerRecord, directory: string): ContainerFacts {
  return {
    record,
    directory,
    state: undefined,
    run: undefined,
    failure: undefined,
    monitorAlive: false,
    frozen: false,
    stoppedByHand: false,
    health: undefined,
    removing: undefined,
  };
}

/** Exit code of a container whose monitor was killed: nobody saw how the process ended, and it ended with it. */
const lostExitCode = 137;

/** A container as users see it. */
export function describeContainer(facts: ContainerFacts): Container {
  const { record } = facts;
  const running = facts.state?.status === 'running' && facts.monitorAlive;
  const run = running ? facts.run : undefined;
  return {
    id: record.id,
    name: record.name,
    image: record.image,
    options: record.options,
    config: record.config,
    args: record.args,
    createdAt: record.createdAt,
    restartCount: facts.state?.restartCount ?? 0,
    ...(facts.health ? { health: facts.health } : {}),
    ...lifeOf(facts),
    network: { name: networkName(record.network), ...run?.network },
    ports: running && facts.state.status === 'running' ? facts.state.ports : requestedPorts(record),
    mounts: record.mounts.map(({ type, volume, source, target, readOnly }) => ({
      type,
      source,
      target,
      readOnly,
      ...(volume === undefined ? {} : { volume }),
    })),
    links: record.links.map(link => {
      const address = run?.links.find(one => one.alias === link.alias)?.address;
      return { ...link, ...(address === undefined ? {} : { address }) };
    }),
    directory: facts.directory,
    warnings: [...record.warnings, ...(run?.warnings ?? [])],
  };
}

type Life = Pick<
  Container,
  'status' | 'startedAt' | 'finishedAt' | 'exitCode' | 'oomKilled' | 'error' | 'pid'
>;

function lifeOf(facts: ContainerFacts): Life {
  const { state, failure } = facts;
  const as = (status: ContainerStatus) => (facts.removing ? 'removing' : status);
  if (failure) {
    const before = state && { startedAt: state.startedAt };
    const end = state && state.status !== 'running' && { finishedAt: state.finishedAt };
    const status = state ? 'exited' : 'created';
    return { status: as(status), exitCode: failure.exitCode, error: failure.message, ...before, ...end };
  }
  if (!state) return { status: as('created') };
  if (state.status !== 'running') {
    const { exitCode, oomKilled, startedAt, finishedAt, error } = state;
    return {
      status: as(state.status === 'restarting' && facts.monitorAlive ? 'restarting' : 'exited'),
      exitCode,
      oomKilled,
      startedAt,
      finishedAt,
      ...(error === undefined ? {} : { error }),
    };
  }
  if (facts.monitorAlive)
    return {
      status: as(facts.frozen ? 'paused' : 'running'),
      startedAt: state.startedAt,
      pid: state.process.pid,
    };
  return {
    status: as('exited'),
    startedAt: state.startedAt,
    exitCode: lostExitCode,
    error:
      'The monitor of the container ended before it could record an exit code (killed, or the host was restarted).',
  };
}

/** What `inspect` calls the network. */
export function networkName(choice: NetworkChoice): string {
  if (choice.mode === 'bridge') return choice.name;
  return choice.mode === 'container' ? `container:${choice.container}` : choice.mode;
}

/** Every address of the host, docker's default. */
const anyAddress = '0.0.0.0';

/** Ports that the next start publishes: the options', and with `-P` every exposed one on a free host port. */
export function requestedPorts(record: ContainerRecord): readonly PublishedPort[] {
  const ports = (record.options.ports ?? []).map(port => ({ ...port, hostIp: port.hostIp || anyAddress }));
  if (!record.options.publishAll) return ports;
  const named = new Set(ports.map(port => `${port.containerPort}/${port.protocol}`));
  const exposed = Object.keys(record.config.ExposedPorts ?? {}).filter(port => !named.has(port));
  const free = exposed.flatMap(port => {
    const [number, protocol] = port.split('/');
    if (protocol !== 'tcp' && protocol !== 'udp') return [];
    return [{ hostIp: anyAddress, hostPort: 0, containerPort: Number(number), protocol } as const];
  });
  return [...ports, ...free];
}
