import { readBuildId } from './buildId.ts';
import { explain } from './errors.ts';
import { openFsSession } from './fs.ts';
import { Holder, type HolderOptions } from './holder.ts';
import { readHost } from './host.ts';
import {
  contentFields,
  decodeIdentity,
  decodePort,
  encodeIdentity,
  execFields,
  placeFields,
  seccompFields,
} from './spec.ts';
import type {
  ContainerContent,
  ContainerPlace,
  ExecSpec,
  FsSession,
  HostIsolation,
  MonitorSpec,
  NetworkSpec,
  NetworkState,
  ProcessIdentity,
  Runtime,
  SeccompFilter,
  SeccompRules,
  StartedContainer,
  StartedExec,
} from './types.ts';
import type { ReceivedFields } from './wire.ts';

/** The native helper as a {@link Runtime}: every call is a session of its own with the holder. */
export class HelperRuntime implements Runtime {
  readonly #holder: Holder;
  readonly #helper: string;
  #host: Promise<HostIsolation> | undefined;
  #buildId: Promise<string> | undefined;

  constructor(options: HolderOptions) {
    this.#holder = new Holder(options);
    this.#helper = options.helper;
  }

  readonly host = (): Promise<HostIsolation> => {
    this.#host ??= readHost(this.#holder).catch(error => {
      this.#host = undefined;
      throw error;
    });
    return this.#host;
  };

  async openFs(): Promise<FsSession> {
    return openFsSession(await this.#holder.connect());
  }

  startContainer(spec: MonitorSpec): Promise<StartedContainer> {
    const { tty, oomScoreAdj } = spec.process;
    return this.beginContainer({ ...spec, tty, oomScoreAdj }, Promise.resolve(spec));
  }

  async beginContainer(
    place: ContainerPlace | Promise<ContainerPlace>,
    content: Promise<ContainerContent>,
  ): Promise<StartedContainer> {
    const attempt: { what: string; program?: string | undefined } = { what: 'start container' };
    const fields = Promise.resolve(place).then(known => {
      attempt.what = `start container ${known.id.slice(0, 12)}`;
      return placeFields(known);
    });
    // No fields: the helper finds them wanting and undoes what it made.
    const rest = content.then(
      known => {
        attempt.program = known.process.args[0];
        return contentFields(known);
      },
      () => [],
    );
    const outcome = this.#holder.askWithData('monitor', fields, rest);
    const [where, what, answer] = await Promise.allSettled([fields, content, outcome]);
    if (where.status === 'rejected') throw where.reason;
    if (what.status === 'rejected') throw what.reason;
    if (answer.status === 'rejected') throw explain(answer.reason, attempt);
    return startedContainer(answer.value);
  }

  async startExec(spec: ExecSpec): Promise<StartedExec> {
    const attempt = { what: 'run a command in the container', program: spec.process.args[0] };
    const answer = await explained(attempt, this.#holder.ask('exec', execFields(spec)));
    return { process: decodeIdentity(answer.text('process')), attachSocket: answer.text('attachSocket') };
  }

  async signal(target: ProcessIdentity, signal: number): Promise<void> {
    const fields = { target: encodeIdentity(target), signal };
    await explained({ what: `send signal ${signal}` }, this.#holder.ask('signal', fields));
  }

  async ensureNetwork(network: NetworkSpec): Promise<NetworkState> {
    const { bridge, gateway, subnet } = network;
    const fields = { action: 'ensure', bridge, gateway, subnet };
    const answer = await explained(
      { what: `set up network ${network.name}` },
      this.#holder.ask('net', fields),
    );
    return {
      egress: answer.text('egress') as NetworkState['egress'],
      warnings: answer.list('warning').map(networkWarning),
    };
  }

  /** `name` is the name of the bridge. */
  async removeNetwork(name: string): Promise<void> {
    await explained(
      { what: `remove network ${name}` },
      this.#holder.ask('net', { action: 'remove', bridge: name }),
    );
  }

  async compileSeccomp(rules: SeccompRules): Promise<SeccompFilter> {
    const answer = await explained(
      { what: 'compile the seccomp profile' },
      this.#holder.ask('seccomp', seccompFields(rules)),
    );
    return { bytes: answer.bytes('filter') ?? new Uint8Array(), compiler: answer.text('compiler') };
  }

  readonly helperBuildId = (): Promise<string> => {
    this.#buildId ??= readBuildId(this.#helper);
    return this.#buildId;
  };

  /** Nothing is held open between calls; the holder leaves by itself. */
  async close(): Promise<void> {}
}

function startedContainer(answer: ReceivedFields): StartedContainer {
  return {
    monitor: decodeIdentity(answer.text('monitor')),
    process: decodeIdentity(answer.text('process')),
    attachSocket: answer.text('attachSocket'),
    ports: answer.list('port').map(decodePort),
    warnings: answer.list('warning').map(networkWarning),
  };
}

async function explained<T>(attempt: Parameters<typeof explain>[1], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explain(error, attempt);
  }
}

/** The helper sends a word for what is missing; people get a sentence that says what to do. */
function networkWarning(word: string): string {
  switch (word) {
    case 'nft-missing':
      return 'The program `nft` is missing: containers reach each other but not the outside. Install the package nftables.';
    case 'nft-failed':
      return 'The kernel refused the address translation rules (nft): containers reach each other but not the outside.';
    case 'egress-missing':
      return 'Neither `pasta` (package passt) nor `slirp4netns` is installed: containers reach each other but not the outside. Install one of them.';
    case 'egress-device':
      return 'You may not open /dev/net/tun: containers reach each other but not the outside. As root, run `chmod 666 /dev/net/tun`.';
    case 'egress-failed':
      return 'Neither `pasta` nor `slirp4netns` could be started: containers reach each other but not the outside.';
    default:
      return word;
  }
}
