import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerUsage } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { formatFlag, listingText } from '../listing.ts';
import { print } from '../output.ts';
import { statsLayout, statsRow } from '../rows/stats.ts';

/** Milliseconds between two samples. */
const sampleInterval = 1000;

const home = '\u001b[H';
const clearLine = '\u001b[K';
const clearBelow = '\u001b[J';

export const stats = defineCommand({
  usage: 'stats [OPTIONS] [CONTAINER...]',
  summary: 'Display a live stream of container(s) resource usage statistics',
  flags: {
    all: { kind: 'boolean', short: 'a', help: 'Show all containers (default shows just running)' },
    format: formatFlag,
    'no-stream': { kind: 'boolean', help: 'Disable streaming stats and only pull the first result' },
    'no-trunc': { kind: 'boolean', help: 'Do not truncate output' },
  },
  args: [0, Number.POSITIVE_INFINITY],
  async run({ flags, args, client, interrupt }) {
    const connection = await client();
    const params = { all: flags.all, ...(args.length === 0 ? {} : { containers: args }) };
    const measure = async () => (await connection.request('sampan/container/usage', params)).usage;
    const text = (before: readonly ContainerUsage[], after: readonly ContainerUsage[]) => {
      const known = new Map(before.map(usage => [usage.id, usage]));
      const rows = after.map(usage =>
        statsRow(usage, { before: known.get(usage.id), trunc: !flags['no-trunc'] }),
      );
      return listingText(rows, { layout: statsLayout, format: flags.format, quiet: false });
    };
    let before = await measure();
    // A wrong template is told at once.
    const first = text(before, before);
    if (!flags['no-stream']) await print(frame(first));
    for (;;) {
      await sleep(sampleInterval, undefined, { signal: interrupt.signal });
      const after = await measure();
      const shown = text(before, after);
      if (flags['no-stream']) {
        await print(shown);
        return 0;
      }
      await print(frame(shown));
      before = after;
    }
  },
});

/** Drawn over the frame before, as docker does: a terminal that is cleared would flicker. */
function frame(text: string): string {
  return home + text.replaceAll('\n', `${clearLine}\n`) + clearBelow;
}
