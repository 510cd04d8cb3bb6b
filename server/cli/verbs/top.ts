import { execFile } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { defineCommand } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { print } from '../output.ts';

export const top = defineCommand({
  usage: 'top CONTAINER [ps OPTIONS]',
  summary: 'Display the running processes of a container',
  flags: {},
  args: [1, Number.POSITIVE_INFINITY],
  stopAtPositional: true,
  async run({ args: [name = '', ...options], client }) {
    const container = await (await client()).request('sampan/container/inspect', { container: name });
    if (container.pid === undefined || (container.status !== 'running' && container.status !== 'paused')) {
      throw new CliFailure(`container ${container.id} is not running`);
    }
    const pids = await pidsBeside(container.pid);
    // As docker: the host's ps, restricted to the container's processes.
    const { stdout } = await promisify(execFile)('ps', [
      ...(options.length === 0 ? ['-f'] : options),
      '-p',
      pids.join(','),
    ]);
    await print(stdout);
    return 0;
  },
});

/** Processes in the same pid namespace, as this host numbers them (pid_namespaces(7)). */
async function pidsBeside(pid: number): Promise<string[]> {
  const namespace = await readlink(`/proc/${pid}/ns/pid`);
  const names = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async name => {
      const other = await readlink(`/proc/${name}/ns/pid`).catch(() => undefined);
      return other === namespace ? name : undefined;
    }),
  );
  return found.filter(name => name !== undefined);
}
