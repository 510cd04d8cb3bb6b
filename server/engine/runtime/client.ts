import { readBuildId } from './buildId.ts';
import { explain } from './errors.ts';
import { openFsSession } from './fs.ts';
import { Holder, type HolderOptions } from './holder.ts';
import { readHost } from './host.ts';
import {
  decodeIdentity,
  decodePort,
  encodeIdentity,
  execFields,
  monitorFields,
  seccompFields,
} from './spec.ts';
import type {
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

  async startContainer(spec: MonitorSpec): Promise<StartedContainer> {
    const attempt = { what: `start container ${spec.id.slice(0, 12)}`, program: spec.process.args[0] };
    const answer = await explained(attempt, this.#holder.ask('monitor', monitorFields(spec)));
    return {
      monitor: decodeIdentity(answer.text('monitor')),
      process: decodeIdentity(answer.text('process')),
      attachSocket: answer.text('attachSocket'),
      ports: answer.list('port').map(decodePort),
      warnings: answer.list('warning'),
    };
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
