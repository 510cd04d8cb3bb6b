import { attach, defaultDetachKeys, parseDetachKeys, windowSize } from '../attach.ts';
import { defineCommand } from '../command.ts';
import { exitCodeOf } from '../exits.ts';
import { CliFailure } from '../failure.ts';
import { environmentOf } from '../options/values.ts';
import { requireTerminal } from '../terminal.ts';

export const exec = defineCommand({
  usage: 'exec [OPTIONS] CONTAINER COMMAND [ARG...]',
  summary: 'Execute a command in a running container',
  flags: {
    detach: { kind: 'boolean', short: 'd', help: 'Detached mode: run command in the background' },
    'detach-keys': { kind: 'string', help: 'Override the key sequence for detaching a container' },
    env: { kind: 'list', short: 'e', help: 'Set environment variables' },
    'env-file': { kind: 'list', help: 'Read in a file of environment variables' },
    interactive: { kind: 'boolean', short: 'i', help: 'Keep STDIN open even if not attached' },
    privileged: { kind: 'boolean', help: 'Give extended privileges to the command' },
    tty: { kind: 'boolean', short: 't', help: 'Allocate a pseudo-TTY' },
    user: { kind: 'string', short: 'u', help: 'Username or UID (format: "<name|uid>[:<group|gid>]")' },
    workdir: { kind: 'string', short: 'w', help: 'Working directory inside the container' },
  },
  args: [2, Number.POSITIVE_INFINITY],
  stopAtPositional: true,
  needsTerminal: ({ detach, tty, interactive }) => !detach && (tty || (interactive && process.stdin.isTTY)),
  async run({ flags, args: [container = '', ...args], client, interrupt }) {
    const { detach, tty, interactive } = flags;
    if (tty && interactive && !detach) requireTerminal();
    if (flags.workdir !== undefined && !flags.workdir.startsWith('/')) {
      throw new CliFailure(
        `the working directory '${flags.workdir}' is invalid, it needs to be an absolute path`,
      );
    }
    const env = await environmentOf({
      values: flags.env,
      files: flags['env-file'],
      environment: process.env,
    });
    const detachKeys = parseDetachKeys(flags['detach-keys'] ?? defaultDetachKeys);
    const { attachSocket } = await (await client()).request('sampan/container/exec', {
      container,
      args,
      env,
      tty,
      openStdin: interactive && !detach,
      privileged: flags.privileged,
      waitForAttach: !detach,
      ...(flags.user === undefined ? {} : { user: flags.user }),
      ...(flags.workdir === undefined ? {} : { workingDir: flags.workdir }),
      ...(tty ? windowSize() : {}),
    });
    if (detach) return 0;
    interrupt.release();
    const end = await attach({
      socketPath: attachSocket,
      stdin: interactive,
      stdout: true,
      stderr: true,
      tty,
      detachKeys,
      // docker's exec passes no signals on; with a terminal the keys do it.
      signalProxy: false,
      firstSignal: 0,
    });
    return exitCodeOf(end, args);
  },
});
