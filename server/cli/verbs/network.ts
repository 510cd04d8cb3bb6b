import { isSampanError } from '../../common/errors.ts';
import type { NetworkInfo } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { forEachName } from '../each.ts';
import { CliFailure } from '../failure.ts';
import { filtered } from '../filters.ts';
import { formatFlag, printListing } from '../listing.ts';
import { printLine } from '../output.ts';
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

export const networkCreate = defineCommand({
  usage: 'create [OPTIONS] NETWORK',
  summary: 'Create a network',
  flags: {
    driver: { kind: 'string', short: 'd', help: 'Driver to manage the Network (default "bridge")' },
    subnet: { kind: 'string', help: 'Subnet in CIDR format that represents a network segment' },
  },
  args: [1, 1],
  async run({ flags, args: [name = ''], client }) {
    if (flags.driver !== undefined && flags.driver !== 'bridge')
      throw new CliFailure(`could not find plugin ${flags.driver} in v1 plugin registry: plugin not found`, {
        hint: 'Networks are bridges: leave -d out.',
      });
    const subnet = flags.subnet === undefined ? {} : { subnet: flags.subnet };
    const { id } = await (await client()).request('sampan/network/create', { name, ...subnet });
    await printLine(id);
    return 0;
  },
});

export const networkRemove = defineCommand({
  usage: 'rm NETWORK [NETWORK...]',
  summary: 'Remove one or more networks',
  flags: { force: { kind: 'boolean', short: 'f', help: 'Do not error if the network does not exist' } },
  args: [1, Number.POSITIVE_INFINITY],
  async run({ flags, args, client }) {
    const connection = await client();
    return forEachName(args, async network => {
      await connection.request('sampan/network/remove', { network }).catch(error => {
        if (!(flags.force && isSampanError(error, 'not-found'))) throw error;
      });
    });
  },
});

const networkTests = {
  id: ({ id }: NetworkInfo, value: string) => id.startsWith(value),
  name: ({ name }: NetworkInfo, value: string) => name.includes(value),
  driver: ({ driver }: NetworkInfo, value: string) => driver === value,
  scope: (_network: NetworkInfo, value: string) => value === 'local',
};
