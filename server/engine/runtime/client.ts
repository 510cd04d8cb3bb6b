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
  networkFields,
  placeFields,
  seccompFields,
} from './spec.ts';
import type {
  ContainerParts,
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
import type { FieldList, ReceivedFields } from './wire.ts';

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
    const { process, network } = spec;
    return this.beginContainer({
      place: { ...spec, tty: process.tty, oomScoreAdj: process.oomScoreAdj, onBridge: network !== undefined },
      network: Promise.resolve(network),
      content: Promise.resolve({ ...spec, gateway: network?.gateway }),
    });
  }

  async beginContainer({ place, network, content }: ContainerParts): Promise<StartedContainer> {
    const fields = Promise.resolve(place).then(placeFields);
    const parts = Promise.allSettled([fields, network, content]);
    const outcome = this.#holder.askWithData('monitor', fields, dataFields({ place, network, content }));
    outcome.catch(() => undefined); // told after the parts
    const failed = (await parts).find(part => part.status === 'rejected');
    const [answer] = await Promise.allSettled([outcome]);
    if (failed) throw failed.reason;
    if (answer.status === 'fulfilled') return startedContainer(answer.value);
    const [{ id }, { process }] = await Promise.all([place, content]);
    throw explain(answer.reason, {
      what: `start container ${id.slice(0, 12)}`,
      program: process.args[0],
    });
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

/** What follows a place. It ends early when a part cannot be found out: the helper then undoes what it made. */
async function* dataFields({ place, network, content }: ContainerParts): AsyncGenerator<FieldList> {
  try {
    const attached = (await place).onBridge ? await network : undefined;
    if (attached) yield networkFields(attached);
    yield contentFields(await content);
  } catch {
    // Told by who asked for the parts.
  }
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
