import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { resolveCapabilities } from '../container/capabilities.ts';
import { defaultShmSize } from '../container/defaults.ts';
import { resolveSecurity } from '../container/security.ts';
import { type ResolvedUser, resolveUser } from '../container/user.ts';
import { resolvConf } from '../network/hosts.ts';
import { defaultNetwork } from '../network/networks.ts';
import { resolveInRoot } from '../runtime/resolve.ts';
import type { FsSession, MonitorSpec, MountSpec, RootfsLayers, StartedContainer } from '../runtime/types.ts';
import type { ChainId } from '../snapshot/types.ts';
import { readAccountFiles } from './accountFiles.ts';
import { followStep } from './attachStream.ts';
import type { BuildRun } from './buildContext.ts';
import { type EtcLook, EtcLooks } from './etcLooks.ts';
import type { BindSource } from './materialize.ts';
import type { ExecNode } from './planTypes.ts';
import type { OutputCollector } from './progress.ts';
import { bind, type MountPoint, mountPoints, prepareMounts, type RunMounts } from './runMounts.ts';
import { cancelled, throwIfCancelled } from './stepFailure.ts';
import { makeStepFolder, type StepFolder } from './stepFolder.ts';
import { stepHosts } from './stepHosts.ts';
import { type Workspace, workspaceKey, workspaceOf } from './workspace.ts';

const SIGKILL = 9;
const hostsPath = '/etc/hosts';
const resolvPath = '/etc/resolv.conf';
/** What every step gets. */
const ownMounts: readonly string[] = [hostsPath, resolvPath];
/** Lines of output that a failed step's error carries. */
const outputLines = 20;

/** Execute a RUN on the workspace's layer. Throws `build-failed` with `exitCode` and `output`. */
export async function runInto(
  run: BuildRun,
  workspace: Workspace,
  { node, sources }: { readonly node: ExecNode; readonly sources: readonly (BindSource | undefined)[] },
): Promise<void> {
  const undo: Undo = [];
  try {
    await execute(run, await prepareStep(run, workspace, { node, sources, undo }));
  } finally {
    await Promise.all(undo.map(one => one()));
  }
}

/** A process in the place of a RUN, for whoever connects to its socket. */
export interface StepShell {
  readonly attachSocket: string;
  /** Ends it, if it has not ended, and throws away what it changed. */
  close(): Promise<void>;
}

export interface ShellOptions {
  readonly args: readonly string[];
  readonly tty: boolean;
  readonly ttySize?: { readonly rows: number; readonly columns: number } | undefined;
}

/** Run another command than the RUN's in its place, on a layer that is thrown away. */
export async function openStepShell(
  run: BuildRun,
  {
    node,
    sources,
    chainId,
  }: {
    readonly node: ExecNode;
    readonly sources: readonly (BindSource | undefined)[];
    readonly chainId: ChainId | undefined;
  },
  { args, tty, ttySize }: ShellOptions,
): Promise<StepShell> {
  const session = await run.runtime.openFs();
  const undo: Undo = [() => session.close()];
  const close = async () => {
    await Promise.all(undo.map(one => one()));
  };
  try {
    const active = await run.snapshots.prepare(workspaceKey(), chainId, { transient: true });
    undo.push(() => run.snapshots.remove(active.key));
    const workspace = workspaceOf(session, active);
    const execution = await prepareStep(run, workspace, { node: { ...node, args }, sources, undo });
    const spec = await specOf(run, execution);
    const started = await run.runtime.startContainer({
      ...spec,
      process: { ...spec.process, tty, ...(ttySize && { ttySize }) },
      openStdin: true,
      stdinOnce: true,
    });
    return { attachSocket: started.attachSocket, close: () => endShell(run, { started, close }) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function endShell(
  run: BuildRun,
  { started, close }: { readonly started: StartedContainer; readonly close: () => Promise<void> },
): Promise<void> {
  await run.runtime.signal(started.process, SIGKILL).catch(() => undefined); // it may have ended
  // Its monitor's last word; one that is gone has said it, and refuses the connection.
  await followStep(started.attachSocket, () => undefined).catch(() => undefined);
  await close();
}

/** All that a step needs before it starts; `undo` takes what is to be given back. */
async function prepareStep(
  run: BuildRun,
  workspace: Workspace,
  {
    node,
    sources,
    undo,
  }: {
    readonly node: ExecNode;
    readonly sources: readonly (BindSource | undefined)[];
    readonly undo: Undo;
  },
): Promise<Execution> {
  const folder = await makeStepFolder(run.store.paths, run.run);
  undo.push(() => folder.remove());
  const { directory, runDirectory } = folder;
  const { session } = workspace;
  const mounts = await prepareMounts(run, { node, sources, directory, runDirectory, session });
  undo.push(() => mounts.release());
  const network = await attach(run, { node, id: folder.id, undo });
  const specs = [...(await etcMounts(node, { folder, gateway: network.network?.gateway })), ...mounts.specs];
  const inside = await lookInside(run, { workspace, node, specs, undo });
  return { node, folder, mounts, specs, network, inside };
}

type Undo = (() => Promise<void>)[];

async function attach(
  run: BuildRun,
  { node, id, undo }: { readonly node: ExecNode; readonly id: string; readonly undo: Undo },
): Promise<Pick<MonitorSpec, 'network' | 'address'>> {
  if (node.network !== 'default') return { network: undefined };
  const network = await run.networks.locate(defaultNetwork);
  undo.push(() => run.networks.release(defaultNetwork, id));
  return { network, address: await run.networks.lease(network, id) };
}

/** /etc/hosts and /etc/resolv.conf are mounts: what a step writes there is not in the image. /etc/hostname is the image's. */
async function etcMounts(
  node: ExecNode,
  { folder: { directory }, gateway }: { readonly folder: StepFolder; readonly gateway: string | undefined },
): Promise<readonly MountSpec[]> {
  const hosts = join(directory, 'hosts');
  const resolv = join(directory, 'resolv.conf');
  const hostText = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const resolver = { servers: [], search: [], options: [] };
  const contents = [
    [hosts, stepHosts(node, gateway)],
    [resolv, node.network === 'host' ? hostText : resolvConf(hostText, resolver)],
  ] as const;
  await Promise.all(contents.map(([path, text]) => writeFile(path, text, { mode: 0o644 })));
  return [
    bind(hosts, { target: hostsPath, readOnly: false }),
    bind(resolv, { target: resolvPath, readOnly: false }),
  ];
}

interface Inside {
  readonly user: ResolvedUser;
  readonly layers: RootfsLayers;
}

/** Read the accounts, and put missing mount points below the step's own layer. */
async function lookInside(
  run: BuildRun,
  {
    workspace,
    node,
    specs,
    undo,
  }: {
    readonly workspace: Workspace;
    readonly node: ExecNode;
    readonly specs: readonly MountSpec[];
    readonly undo: Undo;
  },
): Promise<Inside> {
  const { layers } = workspace.active;
  const lowers = [...layers.lowers, await run.mountPoints()];
  // Of a chain of steps most leave /etc alone, and most have no mounts but those: the looks of the first do for all.
  const isUsual = specs.every(spec => ownMounts.includes(spec.target));
  const looks = isUsual ? run.etcLooks : new EtcLooks();
  const { accounts, missing } = await looks.at(layers.lowers, () =>
    lookAt(workspace.session, { lowers, specs }),
  );
  const user = resolveUser(node.user, accounts);
  if (missing.length === 0) return { user, layers: { ...layers, lowers } };
  const points = await mountPoints(run, { lowers, targets: missing });
  undo.push(() => points.release());
  return { user, layers: { ...layers, lowers: [points.directory, ...lowers] } };
}

async function lookAt(
  session: FsSession,
  { lowers, specs }: { readonly lowers: readonly string[]; readonly specs: readonly MountSpec[] },
): Promise<EtcLook> {
  const rootfs = await session.mount({ lowers });
  try {
    const lstat = (path: string) => rootfs.stat(path, { followLast: false });
    const accounts = await readAccountFiles(rootfs);
    const files = ['/etc/passwd', '/etc/group', ...ownMounts];
    const places = await Promise.all(files.map(path => resolveInRoot(lstat, path)));
    const isPlain = places.every(({ path }, index) => path === files[index]);
    const missing: MountPoint[] = [];
    for (const spec of specs) {
      // The helper's own file systems are mounted there, over whatever the image has.
      if (/^\/(?:dev|proc|sys)(?:\/|$)/.test(spec.target)) continue;
      const found = await resolveInRoot(lstat, spec.target);
      if (!found.entry) missing.push({ path: found.path, type: await mountPointType(spec) });
    }
    return { accounts, missing, isPlain };
  } finally {
    await rootfs.unmount();
  }
}

async function mountPointType(spec: MountSpec): Promise<MountPoint['type']> {
  if (spec.kind === 'tmpfs' || spec.source === undefined) return 'directory';
  // Sources that sub-ids own cannot be looked at from here; they are folders or lie in folders of ours.
  const found = await stat(spec.source).catch(() => undefined);
  return found && !found.isDirectory() ? 'file' : 'directory';
}

interface Execution {
  readonly node: ExecNode;
  readonly folder: StepFolder;
  readonly mounts: RunMounts;
  readonly specs: readonly MountSpec[];
  readonly network: Pick<MonitorSpec, 'network' | 'address'>;
  readonly inside: Inside;
}

async function execute(run: BuildRun, execution: Execution): Promise<void> {
  const { node } = execution;
  throwIfCancelled(run.signal);
  const output = run.report.output(node);
  const spec = await specOf(run, execution);
  const started = await run.runtime
    .startContainer(spec)
    .catch(error => Promise.reject(startFailure(node, error)));
  const kill = () => void run.runtime.signal(started.process, SIGKILL).catch(() => undefined);
  run.signal.addEventListener('abort', kill, { once: true });
  if (run.signal.aborted) kill();
  try {
    const { exitCode, error } = await followStep(started.attachSocket, (stream, chunk) =>
      output.write(stream, chunk),
    );
    if (run.signal.aborted) throw cancelled();
    output.flush();
    if (error)
      throw startFailure(
        node,
        new SampanError('start-failed', `${error.step} ${error.path}: ${error.errno}`),
      );
    if (exitCode !== 0) throw runFailure(node, { exitCode, output });
  } finally {
    run.signal.removeEventListener('abort', kill);
    output.flush();
  }
}

async function specOf(run: BuildRun, execution: Execution): Promise<MonitorSpec> {
  const isInsecure = execution.node.security === 'insecure';
  const capabilities = resolveCapabilities(isInsecure ? ['ALL'] : [], []);
  const seccompFilter = isInsecure ? undefined : await run.seccomp.fileFor(capabilities);
  return stepSpec(execution, { capabilities, seccompFilter });
}

function stepSpec(
  { node, folder, mounts, specs, network, inside }: Execution,
  security: { readonly capabilities: readonly number[]; readonly seccompFilter: string | undefined },
): MonitorSpec {
  const options = node.security === 'insecure' ? ['systempaths=unconfined'] : [];
  const { maskedPaths, readOnlyPaths } = resolveSecurity(options);
  return {
    id: folder.id,
    directory: folder.directory,
    runDirectory: folder.runDirectory,
    rootfs: inside.layers,
    readOnlyRootfs: false,
    process: {
      args: node.args,
      env: stepEnvironment([...node.env, ...node.proxyEnv, ...mounts.env], inside.user.home),
      cwd: node.cwd,
      createCwd: true,
      uid: inside.user.uid,
      gid: inside.user.gid,
      groups: inside.user.groups,
      tty: false,
      capabilities: security.capabilities,
      noNewPrivileges: false,
      rlimits: [],
    },
    hostname: node.hostname,
    namespaces: {
      pid: 'private',
      ipc: 'private',
      uts: 'private',
      network: node.network === 'host' ? 'host' : 'private',
      cgroup: 'private',
    },
    mounts: specs,
    maskedPaths,
    readOnlyPaths,
    shmSize: defaultShmSize,
    sysctls: {},
    cgroups: [],
    ...network,
    ports: [],
    init: false,
    openStdin: false,
    stdinOnce: false,
    waitForAttach: true,
    log: undefined,
    seccompFilter: security.seccompFilter,
  };
}

function stepEnvironment(env: readonly string[], home: string): readonly string[] {
  return env.some(variable => variable.startsWith('HOME=')) ? env : [...env, `HOME=${home}`];
}

function runFailure(
  node: ExecNode,
  { exitCode, output }: { readonly exitCode: number; readonly output: OutputCollector },
): SampanError {
  const command = node.args.join(' ');
  return new SampanError(
    'build-failed',
    `process "${command}" did not complete successfully: exit code: ${exitCode}`,
    {
      hint: 'The end of its output says why.',
      detail: { exitCode, output: output.lastLines(outputLines) },
    },
  );
}

/** A command that cannot be executed is the build's failure with the shell's exit codes. */
function startFailure(node: ExecNode, error: unknown): unknown {
  if (!(error instanceof SampanError)) return error;
  const exitCode =
    error.code === 'command-not-found' ? 127 : error.code === 'command-not-executable' ? 126 : undefined;
  if (exitCode === undefined) return error;
  return new SampanError(
    'build-failed',
    `process "${node.args.join(' ')}" could not be started: ${error.message}`,
    {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      detail: { ...error.detail, exitCode, output: '' },
      cause: error,
    },
  );
}
