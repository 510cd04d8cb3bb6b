import type {
  CgroupSpec,
  ContainerContent,
  ContainerNetwork,
  ContainerPlace,
  EventSource,
  ExecSpec,
  HealthCheckSpec,
  MountSpec,
  NamespaceChoice,
  ProcessIdentity,
  ProcessSpec,
  PublishedPort,
  SeccompRules,
} from './types.ts';
import type { FieldList } from './wire.ts';

type Pair = FieldList[number];

/** `pid startTime bootId`, as the helper reads and writes identities. */
export function encodeIdentity(identity: ProcessIdentity): string {
  return `${identity.pid} ${identity.startTime} ${identity.bootId}`;
}

export function decodeIdentity(text: string): ProcessIdentity {
  const [pid = '0', startTime = '', bootId = ''] = text.split(' ');
  return { pid: Number(pid), startTime, bootId };
}

/** `ip hostPort containerPort protocol`. */
export function encodePort(port: PublishedPort): string {
  return `${port.hostIp} ${port.hostPort} ${port.containerPort} ${port.protocol}`;
}

export function decodePort(text: string): PublishedPort {
  const [hostIp = '', hostPort, containerPort, protocol] = text.split(' ');
  return {
    hostIp,
    hostPort: Number(hostPort),
    containerPort: Number(containerPort),
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
  };
}

/** A place as fields of the request; native/init/spec.c reads the same names. */
export function placeFields(place: ContainerPlace): FieldList {
  return [
    ['id', place.id],
    ['directory', place.directory],
    ['runDirectory', place.runDirectory],
    ...namespaceFields(place.namespaces),
    ...place.cgroups.flatMap(cgroupFields),
    ['onBridge', place.onBridge],
    ['port', place.ports.map(encodePort)],
    ['tty', place.tty],
    ['oomScoreAdj', place.oomScoreAdj],
    ['init', place.init],
    ['openStdin', place.openStdin],
    ['stdinOnce', place.stdinOnce],
    ['waitForAttach', place.waitForAttach],
    ...healthFields(place.health),
    ['restart', place.restart],
    ...eventFields(place.events),
    ['logMaxBytes', place.log?.maxBytes],
    ['logMaxFiles', place.log?.maxFiles],
  ];
}

/** A network as the fields that follow first, for a place that is on one. */
export function networkFields(network: ContainerNetwork): FieldList {
  return [
    ['bridge', network.bridge],
    ['subnet', network.subnet],
    ['gateway', network.gateway],
    ['mac', network.mac],
  ];
}

/** The content as the fields that follow last. */
export function contentFields(content: ContainerContent): FieldList {
  return [
    ['lower', content.rootfs.lowers],
    ['upper', content.rootfs.upper],
    ['work', content.rootfs.work],
    ['readOnlyRootfs', content.readOnlyRootfs],
    ...processFields(content.process),
    ['hostname', content.hostname],
    ...content.mounts.flatMap(mountFields),
    ['maskedPath', content.maskedPaths],
    ['readOnlyPath', content.readOnlyPaths],
    ['shmSize', content.shmSize],
    ['sysctl', Object.entries(content.sysctls).map(([name, value]) => `${name}=${value}`)],
    ['address', content.address],
    ['gateway', content.gateway],
    ...(content.files ?? []).flatMap(({ path, content }): Pair[] => [
      ['file', path],
      ['fileContent', content],
    ]),
    ['runRecord', content.runRecord],
    ['seccompFilter', content.seccompFilter],
  ];
}

/** An exec's spec as fields. */
export function execFields(spec: ExecSpec): FieldList {
  return [
    ['container', encodeIdentity(spec.container)],
    ['runDirectory', spec.runDirectory],
    ['name', spec.name],
    ...processFields(spec.process),
    ['tty', spec.process.tty],
    ['oomScoreAdj', spec.process.oomScoreAdj],
    ['openStdin', spec.openStdin],
    ['waitForAttach', spec.waitForAttach],
    ['cgroup', spec.cgroups],
    ...eventFields(spec.events),
    ['directory', spec.events?.directory],
    ['id', spec.events?.id],
    ['seccompFilter', spec.seccompFilter],
  ];
}

/** Members of a JSON object, without its braces: the helper adds its own. */
export function encodeActor(actor: EventSource['actor']): string {
  return JSON.stringify(actor).slice(1, -1);
}

function healthFields(health: HealthCheckSpec | undefined): Pair[] {
  if (!health) return [];
  return [
    ['healthArg', health.args],
    ['healthInterval', health.interval],
    ['healthTimeout', health.timeout],
    ['healthStartPeriod', health.startPeriod],
    ['healthStartInterval', health.startInterval],
    ['healthRetries', health.retries],
  ];
}

function eventFields(events: EventSource | undefined): Pair[] {
  if (!events) return [];
  return [
    ['journal', events.journal],
    ['actor', encodeActor(events.actor)],
  ];
}

function processFields(process: Omit<ProcessSpec, 'tty' | 'oomScoreAdj'>): Pair[] {
  return [
    ['arg', process.args],
    ['env', process.env],
    ['cwd', process.cwd],
    ['createCwd', process.createCwd],
    ['uid', process.uid],
    ['gid', process.gid],
    ['group', process.groups],
    ['rows', process.ttySize?.rows],
    ['columns', process.ttySize?.columns],
    ['capability', process.capabilities],
    ['noNewPrivileges', process.noNewPrivileges],
    ['rlimit', process.rlimits.map(({ resource, soft, hard }) => `${resource} ${soft} ${hard}`)],
  ];
}

function namespaceFields(namespaces: NamespaceChoice): Pair[] {
  return [
    ['pidNamespace', namespaceText(namespaces.pid)],
    ['ipcNamespace', namespaceText(namespaces.ipc)],
    ['utsNamespace', namespaces.uts],
    ['networkNamespace', namespaceText(namespaces.network)],
    ['cgroupNamespace', namespaces.cgroup],
  ];
}

function namespaceText(choice: 'private' | 'host' | ProcessIdentity): string {
  return typeof choice === 'string' ? choice : encodeIdentity(choice);
}

/** `mount` begins one; the fields after it belong to it. */
function mountFields(mount: MountSpec): Pair[] {
  return [
    ['mount', mount.kind],
    ['mountSource', mount.source],
    ['mountTarget', mount.target],
    ['mountReadOnly', mount.readOnly],
    ['mountOption', mount.options],
  ];
}

function cgroupFields(group: CgroupSpec): Pair[] {
  return [
    ['cgroup', group.path],
    ...group.writes.map(({ file, value, optional }): Pair => {
      return [optional ? 'cgroupOptionalWrite' : 'cgroupWrite', `${file}=${value}`];
    }),
    ['cgroupEnter', group.enter],
  ];
}

/** Rules for the seccomp role: `rule` begins one by its action, names and comparisons belong to it. */
export function seccompFields(rules: SeccompRules): FieldList {
  return [
    ['default', rules.defaultAction],
    ...rules.rules.flatMap((rule): Pair[] => [
      ['rule', rule.action],
      [
        'argument',
        rule.args.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo ?? 0}`),
      ],
      ['syscall', rule.names],
    ]),
  ];
}
