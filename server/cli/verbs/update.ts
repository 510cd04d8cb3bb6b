import { defineCommand } from '../command.ts';
import { forEachName } from '../each.ts';
import { usageFailure } from '../failure.ts';
import { containerFlags, limitsOf } from '../options/container.ts';
import { readRestart } from '../options/values.ts';
import { note } from '../output.ts';

export const update = defineCommand({
  usage: 'update [OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Update configuration of one or more containers',
  flags: {
    'cpu-shares': containerFlags['cpu-shares'],
    cpus: containerFlags.cpus,
    'cpuset-cpus': containerFlags['cpuset-cpus'],
    'cpuset-mems': containerFlags['cpuset-mems'],
    memory: containerFlags.memory,
    'memory-reservation': containerFlags['memory-reservation'],
    'memory-swap': containerFlags['memory-swap'],
    'pids-limit': containerFlags['pids-limit'],
    restart: { kind: 'string', help: 'Restart policy to apply when a container exits' },
  },
  args: [1, Number.POSITIVE_INFINITY],
  async run({ flags, args, client }) {
    const limits = limitsOf(flags);
    const change = {
      ...(Object.keys(limits).length > 0 ? { limits } : {}),
      ...(flags.restart === undefined ? {} : { restart: readRestart(flags.restart) }),
    };
    if (Object.keys(change).length === 0)
      throw usageFailure('You must provide one or more flags when using this command.');
    const connection = await client();
    return forEachName(args, async container => {
      const { warnings } = await connection.request('sampan/container/update', { container, ...change });
      for (const warning of warnings) note(`WARNING: ${warning}`);
    });
  },
});
