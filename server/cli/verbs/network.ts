import type { NetworkInfo } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { filtered } from '../filters.ts';
import { formatFlag, printListing } from '../listing.ts';
import { reportDamage } from '../report.ts';
import { networkLayout, networkRow } from '../rows/networks.ts';

export const networkList = defineCommand({
  usage: 'ls [OPTIONS]',
  summary: 'List networks',
  flags: {
    filter: {
      kind: 'list',
      short: 'f',
      value: 'filter',
      help: 'Provide filter values (e.g. "driver=bridge")',
    },
    format: formatFlag,
    'no-trunc': { kind: 'boolean', help: 'Do not truncate the output' },
    quiet: { kind: 'boolean', short: 'q', help: 'Only display network IDs' },
  },
  args: [0, 0],
  async run({ flags, client }) {
    const { networks, damaged } = await (await client()).request('sampan/network/list', {});
    reportDamage(damaged);
    const shown = filtered(networks, { texts: flags.filter, tests: networkTests });
    await printListing(
      shown.map(network => networkRow(network, { trunc: !flags['no-trunc'] })),
      { layout: networkLayout, format: flags.format, quiet: flags.quiet },
    );
    return 0;
  },
});

const networkTests = {
  id: ({ id }: NetworkInfo, value: string) => id.startsWith(value),
  name: ({ name }: NetworkInfo, value: string) => name.includes(value),
  driver: ({ driver }: NetworkInfo, value: string) => driver === value,
  scope: (_network: NetworkInfo, value: string) => value === 'local',
};
