import type {
  ExecSpec,
  MonitorSpec,
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

/** A monitor's spec as fields; native/init/spec.c reads the same names. */
export function monitorFields(spec: MonitorSpec): FieldList {
  return [
    ['id', spec.id],
    ['directory', spec.directory],
    ['runDirectory', spec.runDirectory],
    ['lower', spec.rootfs.lowers],
    ['upper', spec.rootfs.upper],
    ['work', spec.rootfs.work],
    ['readOnlyRootfs', spec.readOnlyRootfs],
    ...processFields(spec.process),
    ['hostname', spec.hostname],
    ...namespaceFields(spec.namespaces),
    ...spec.mounts.flatMap(mountFields),
    ['maskedPath', spec.maskedPaths],
    ['readOnlyPath', spec.readOnlyPaths],
    ['shmSize', spec.shmSize],
    ['sysctl', Object.entries(spec.sysctls).map(([name, value]) => `${name}=${value}`)],
    ...spec.cgroups.flatMap(cgroupFields),
    ['bridge', spec.network?.bridge],
    ['address', spec.network?.address],
    ['gateway', spec.network?.gateway],
    ['mac', spec.network?.mac],
    ['port', spec.ports.map(encodePort)],
    ['init', spec.init],
    ['openStdin', spec.openStdin],
    ['stdinOnce', spec.stdinOnce],
    ['waitForAttach', spec.waitForAttach],
    ['logMaxBytes', spec.log?.maxBytes],
    ['logMaxFiles', spec.log?.maxFiles],
    ['seccompFilter', spec.seccompFilter],
  ];
}

/** An exec's spec as fields. */
export function execFields(spec: ExecSpec): FieldList {
  return [
    ['container', encodeIdentity(spec.container)],
    ['runDirectory', spec.runDirectory],
    ['name', spec.name],
    ...processFields(spec.process),
    ['openStdin', spec.openStdin],
    ['waitForAttach', spec.waitForAttach],
    ['cgroup', spec.cgroups],
    ['seccompFilter', spec.seccompFilter],
  ];
}

function processFields(process: ProcessSpec): Pair[] {
  return [
    ['arg', process.args],
    ['env', process.env],
    ['cwd', process.cwd],
    ['createCwd', process.createCwd],
    ['uid', process.uid],
    ['gid', process.gid],
    ['group', process.groups],
    ['tty', process.tty],
    ['rows', process.ttySize?.rows],
    ['columns', process.ttySize?.columns],
    ['capability', process.capabilities],
    ['noNewPrivileges', process.noNewPrivileges],
    ['rlimit', process.rlimits.map(({ resource, soft, hard }) => `${resource} ${soft} ${hard}`)],
    ['oomScoreAdj', process.oomScoreAdj],
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

function cgroupFields(group: MonitorSpec['cgroups'][number]): Pair[] {
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
