import { isSampanError } from '../../common/errors.ts';
import { parseSignal } from '../../common/signals.ts';
import { defineCommand } from '../command.ts';
import { forEachName } from '../each.ts';
import { CliFailure } from '../failure.ts';
import type { Flag } from '../flags.ts';
import { readInteger } from '../options/values.ts';
import { printLine } from '../output.ts';
import { reportFailure } from '../report.ts';

const any = Number.POSITIVE_INFINITY;

const stopFlags = {
  signal: { kind: 'string', short: 's', help: 'Signal to send to the container' },
  timeout: { kind: 'string', short: 't', value: 'int', help: 'Seconds to wait before killing the container' },
  time: { kind: 'string', hidden: true, help: '' },
} as const satisfies { [name: string]: Flag };

export const stop = defineCommand({
  usage: 'stop [OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Stop one or more running containers',
  flags: stopFlags,
  args: [1, any],
  async run({ flags, args, client }) {
    const connection = await client();
    const how = { ...timeoutOf(flags), ...(flags.signal === undefined ? {} : { signal: flags.signal }) };
    return forEachName(args, container => connection.request('sampan/container/stop', { container, ...how }));
  },
});

export const restart = defineCommand({
  usage: 'restart [OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Restart one or more containers',
  flags: stopFlags,
  args: [1, any],
  async run({ flags, args, client }) {
    const connection = await client();
    const how = timeoutOf(flags);
    return forEachName(args, async container => {
      // The engine's restart has no signal of its own: a stop with it, then a start, is the same.
      if (flags.signal === undefined) {
        await connection.request('sampan/container/restart', { container, ...how });
        return;
      }
      await connection.request('sampan/container/stop', { container, ...how, signal: flags.signal });
      await connection.request('sampan/container/start', { container });
    });
  },
});

export const kill = defineCommand({
  usage: 'kill [OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Kill one or more running containers',
  flags: { signal: { kind: 'string', short: 's', help: 'Signal to send to the container' } },
  args: [1, any],
  async run({ flags: { signal = 'KILL' }, args, client }) {
    if (parseSignal(signal) === undefined) throw new CliFailure(`Invalid signal: ${signal}`);
    const connection = await client();
    return forEachName(args, container => connection.request('sampan/container/kill', { container, signal }));
  },
});

export const pause = defineCommand({
  usage: 'pause CONTAINER [CONTAINER...]',
  summary: 'Pause all processes within one or more containers',
  flags: {},
  args: [1, any],
  async run({ args, client }) {
    const connection = await client();
    return forEachName(args, container => connection.request('sampan/container/pause', { container }));
  },
});

export const unpause = defineCommand({
  usage: 'unpause CONTAINER [CONTAINER...]',
  summary: 'Unpause all processes within one or more containers',
  flags: {},
  args: [1, any],
  async run({ args, client }) {
    const connection = await client();
    return forEachName(args, container => connection.request('sampan/container/unpause', { container }));
  },
});

export const rm = defineCommand({
  usage: 'rm [OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Remove one or more containers',
  flags: {
    force: { kind: 'boolean', short: 'f', help: 'Force the removal of a running container (uses SIGKILL)' },
    volumes: { kind: 'boolean', short: 'v', help: 'Remove anonymous volumes associated with the container' },
  },
  args: [1, any],
  async run({ flags: { force, volumes }, args, client }) {
    const connection = await client();
    let exitCode = 0;
    for (const container of args) {
      try {
        await connection.request('sampan/container/remove', { container, force, volumes });
        await printLine(container);
      } catch (error) {
        reportFailure(error);
        // docker: with --force a missing container is told and forgiven.
        if (!(force && isSampanError(error, 'not-found'))) exitCode = 1;
      }
    }
    return exitCode;
  },
});

export const rename = defineCommand({
  usage: 'rename CONTAINER NEW_NAME',
  summary: 'Rename a container',
  flags: {},
  args: [2, 2],
  async run({ args: [container = '', name = ''], client }) {
    await (await client()).request('sampan/container/rename', { container, name });
    return 0;
  },
});

export const wait = defineCommand({
  usage: 'wait CONTAINER [CONTAINER...]',
  summary: 'Block until one or more containers stop, then print their exit codes',
  flags: {},
  args: [1, any],
  async run({ args, client, interrupt }) {
    const connection = await client();
    let exitCode = 0;
    for (const container of args) {
      try {
        const ended = await connection.request('sampan/container/wait', { container }, interrupt.signal);
        await printLine(String(ended.exitCode));
      } catch (error) {
        interrupt.signal.throwIfAborted();
        reportFailure(error);
        exitCode = 1;
      }
    }
    return exitCode;
  },
});

function timeoutOf(flags: { readonly timeout: string | undefined; readonly time: string | undefined }): {
  timeoutSeconds?: number;
} {
  const text = flags.timeout ?? flags.time;
  return text === undefined ? {} : { timeoutSeconds: readInteger(text, '-t, --timeout') };
}
