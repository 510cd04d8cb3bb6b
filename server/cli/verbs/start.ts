import type { ContainerInfo } from '../../protocol/types.ts';
import { attach, defaultDetachKeys, parseDetachKeys, windowSize } from '../attach.ts';
import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { forEachName } from '../each.ts';
import { exitCodeOf } from '../exits.ts';
import { CliFailure } from '../failure.ts';

export const start = defineCommand({
  usage: 'start [OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Start one or more stopped containers',
  flags: {
    attach: { kind: 'boolean', short: 'a', help: 'Attach STDOUT/STDERR and forward signals' },
    'detach-keys': { kind: 'string', help: 'Override the key sequence for detaching a container' },
    interactive: { kind: 'boolean', short: 'i', help: "Attach container's STDIN" },
  },
  args: [1, Number.POSITIVE_INFINITY],
  // Whether the container has one is known too late.
  needsTerminal: ({ attach, interactive }) => attach || interactive,
  async run({ flags, args, client, interrupt }) {
    const connection = await client();
    if (!flags.attach && !flags.interactive) {
      return forEachName(args, container => connection.request('sampan/container/start', { container }));
    }
    const [name = '', ...others] = args;
    if (others.length > 0) throw new CliFailure('you cannot start and attach multiple containers at once');
    const detachKeys = parseDetachKeys(flags['detach-keys'] ?? defaultDetachKeys);
    const { container, attachSocket } = await startAttached(connection, name);
    const firstSignal = interrupt.release();
    return follow(container, {
      attachSocket,
      detachKeys,
      stdin: flags.interactive,
      signalProxy: true,
      firstSignal,
    });
  },
});

export const attachTo = defineCommand({
  usage: 'attach [OPTIONS] CONTAINER',
  summary: 'Attach local standard input, output, and error streams to a running container',
  flags: {
    'detach-keys': { kind: 'string', help: 'Override the key sequence for detaching a container' },
    'no-stdin': { kind: 'boolean', help: 'Do not attach STDIN' },
    'sig-proxy': {
      kind: 'boolean',
      isOn: true,
      help: 'Proxy received signals to the process (default true)',
    },
  },
  args: [1, 1],
  async run({ flags, args: [name = ''], client, interrupt }) {
    const connection = await client();
    const detachKeys = parseDetachKeys(flags['detach-keys'] ?? defaultDetachKeys);
    const container = await connection.request('sampan/container/inspect', { container: name });
    if (container.status !== 'running') {
      throw new CliFailure('You cannot attach to a stopped container, start it first', {
        hint: `Start it: sampan start -a ${name}`,
      });
    }
    const { attachSocket } = await connection.request('sampan/container/attach', { container: container.id });
    const firstSignal = interrupt.release();
    return follow(container, {
      attachSocket,
      detachKeys,
      stdin: !flags['no-stdin'],
      signalProxy: flags['sig-proxy'],
      firstSignal,
    });
  },
});

async function startAttached(
  client: Client,
  name: string,
): Promise<{ container: ContainerInfo; attachSocket: string }> {
  const { options } = await client.request('sampan/container/inspect', { container: name });
  return client.request('sampan/container/start', {
    container: name,
    waitForAttach: true,
    ...(options.tty ? windowSize() : {}),
  });
}

async function follow(
  container: ContainerInfo,
  how: {
    readonly attachSocket: string;
    readonly detachKeys: Uint8Array;
    readonly stdin: boolean;
    readonly signalProxy: boolean;
    readonly firstSignal: number;
  },
): Promise<number> {
  const end = await attach({
    socketPath: how.attachSocket,
    stdin: how.stdin && (container.options.openStdin ?? false),
    stdout: true,
    stderr: true,
    tty: container.options.tty ?? false,
    detachKeys: how.detachKeys,
    signalProxy: how.signalProxy,
    firstSignal: how.firstSignal,
  });
  return exitCodeOf(end, container.args);
}
