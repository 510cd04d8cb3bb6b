import { open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ContainerInfo } from '../../protocol/types.ts';
import { attach, defaultDetachKeys, parseDetachKeys, windowSize } from '../attach.ts';
import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { exitCodeOf } from '../exits.ts';
import { ExitCode, usageFailure } from '../failure.ts';
import { type ContainerFlags, containerFlags, containerOptions, pullPolicy } from '../options/container.ts';
import { note, printLine } from '../output.ts';
import { requireTerminal } from '../terminal.ts';
import { showImplicitPull } from './pull.ts';

const any = Number.POSITIVE_INFINITY;

export const create = defineCommand({
  usage: 'create [OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new container',
  flags: containerFlags,
  args: [1, any],
  stopAtPositional: true,
  async run({ flags, args, client, interrupt }) {
    const container = await createContainer(await client(), { flags, args, signal: interrupt.signal });
    await printLine(container.id);
    return 0;
  },
});

export const run = defineCommand({
  usage: 'run [OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create and run a new container from an image',
  flags: {
    ...containerFlags,
    detach: { kind: 'boolean', short: 'd', help: 'Run container in background and print container ID' },
    'detach-keys': { kind: 'string', help: 'Override the key sequence for detaching a container' },
    'sig-proxy': {
      kind: 'boolean',
      isOn: true,
      help: 'Proxy received signals to the process (default true)',
    },
  },
  args: [1, any],
  stopAtPositional: true,
  needsTerminal: ({ detach, tty, interactive }) => !detach && (tty || (interactive && process.stdin.isTTY)),
  failureExitCode: ExitCode.usage,
  async run({ flags, args, client, interrupt }) {
    const { detach, interactive, tty } = flags;
    if (detach && flags.attach.length > 0)
      throw usageFailure('conflicting options: cannot specify both --attach and --detach');
    if (tty && interactive && !detach) requireTerminal();
    const detachKeys = parseDetachKeys(flags['detach-keys'] ?? defaultDetachKeys);
    const streams = attachedStreams(flags.attach);
    const connection = await client();
    const container = await createContainer(connection, { flags, args, signal: interrupt.signal });
    if (detach) {
      await start(connection, { container, attached: false });
      await printLine(container.id);
      return 0;
    }
    const { attachSocket } = await start(connection, { container, attached: true });
    const firstSignal = interrupt.release();
    const end = await attach({
      socketPath: attachSocket,
      stdin: interactive && streams.stdin,
      stdout: streams.stdout,
      stderr: streams.stderr,
      tty,
      detachKeys,
      signalProxy: flags['sig-proxy'],
      firstSignal,
    });
    if (end.kind === 'exited' && flags.rm) await removeContainer(connection, container);
    return exitCodeOf(end, container.args);
  },
});

interface CreateRequest {
  readonly flags: ContainerFlags;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

async function createContainer(
  client: Client,
  { flags, args, signal }: CreateRequest,
): Promise<ContainerInfo> {
  const options = await containerOptions(flags, args, { directory: process.cwd(), environment: process.env });
  const pull = pullPolicy(flags);
  const idFile = flags.cidfile === undefined ? undefined : await reserveIdFile(flags.cidfile);
  const token = 'create';
  showImplicitPull(client, { token, image: options.image, quiet: flags.quiet });
  try {
    const container = await client.request(
      'sampan/container/create',
      { options, pull, token, ...(flags.platform === undefined ? {} : { platform: flags.platform }) },
      signal,
    );
    for (const warning of container.warnings) note(`WARNING: ${warning}`);
    await idFile?.write(container.id);
    return container;
  } catch (error) {
    await idFile?.discard();
    throw error;
  }
}

/** The file is claimed before anything is created, so that no container exists without its id being told. */
async function reserveIdFile(path: string) {
  const place = resolve(process.cwd(), path);
  const file = await open(place, 'wx').catch(error => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw usageFailure(
        `container ID file found, make sure the other container isn't running or delete ${path}`,
      );
    }
    throw usageFailure(
      `failed to create the container ID file: ${error instanceof Error ? error.message : error}`,
    );
  });
  return {
    async write(id: string): Promise<void> {
      await file.writeFile(id);
      await file.close();
    },
    async discard(): Promise<void> {
      await file.close();
      await rm(place, { force: true });
    },
  };
}

/** A container that was to be removed at its end and could not start is removed now. */
async function start(
  client: Client,
  { container, attached }: { readonly container: ContainerInfo; readonly attached: boolean },
): Promise<{ readonly attachSocket: string }> {
  try {
    return await client.request('sampan/container/start', {
      container: container.id,
      waitForAttach: attached,
      ...(container.options.tty ? windowSize() : {}),
    });
  } catch (error) {
    if (container.options.autoRemove) await removeContainer(client, container);
    throw error;
  }
}

/** The engine removes it too, as soon as it sees the end: whoever comes first. */
async function removeContainer(client: Client, container: ContainerInfo): Promise<void> {
  await client
    .request('sampan/container/remove', { container: container.id, force: true, volumes: true })
    .catch(error => {
      if (!(error instanceof Error && 'code' in error && error.code === 'not-found')) throw error;
    });
}

/** `-a`: without it stdin (with `-i`), stdout and stderr. */
function attachedStreams(names: readonly string[]): { stdin: boolean; stdout: boolean; stderr: boolean } {
  const wanted = names.map(name => name.toLowerCase());
  for (const name of wanted) {
    if (!['stdin', 'stdout', 'stderr'].includes(name))
      throw usageFailure('invalid argument for -a: valid streams are STDIN, STDOUT and STDERR');
  }
  const has = (name: string) => wanted.length === 0 || wanted.includes(name);
  return { stdin: has('stdin'), stdout: has('stdout'), stderr: has('stderr') };
}
