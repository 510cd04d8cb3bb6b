import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
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
    const shared = container.options.namespaces?.pid;
    const pids = shared ? await pidsInGroup(container.id) : await pidsBeside(container.pid);
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

/** Of a container that shares a pid namespace: the processes in its groups (cgroups(7)). */
function pidsInGroup(id: string): Promise<string[]> {
  return pidsWhere(async pid => (await readFile(`/proc/${pid}/cgroup`, 'utf8')).includes(`sampan-${id}`));
}

/** Processes in the same pid namespace, as this host numbers them (pid_namespaces(7)). */
async function pidsBeside(pid: number): Promise<string[]> {
  const namespace = await readlink(`/proc/${pid}/ns/pid`);
  return pidsWhere(async other => (await readlink(`/proc/${other}/ns/pid`)) === namespace);
}

/** One that ends meanwhile, or may not be looked at, is none. */
async function pidsWhere(belongs: (pid: string) => Promise<boolean>): Promise<string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(pid => belongs(pid).catch(() => false)));
  return pids.filter((_, index) => found[index]);
}
