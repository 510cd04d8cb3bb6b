import type { VolumeInfo } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { forEachName } from '../each.ts';
import { CliFailure } from '../failure.ts';
import { filtered, hasLabel } from '../filters.ts';
import { formatFlag, printListing } from '../listing.ts';
import { readPairs } from '../options/values.ts';
import { printLine } from '../output.ts';
import { reportDamage } from '../report.ts';
import { volumeLayout, volumeRow } from '../rows/volumes.ts';

export const volumeCreate = defineCommand({
  usage: 'create [OPTIONS] [VOLUME]',
  summary: 'Create a volume',
  flags: {
    driver: { kind: 'string', short: 'd', help: 'Specify volume driver name: local' },
    label: { kind: 'list', help: 'Set metadata for a volume' },
    name: { kind: 'string', hidden: true, help: '' },
    opt: { kind: 'list', short: 'o', hidden: true, help: '' },
  },
  args: [0, 1],
  async run({ flags, args: [given], client }) {
    if (flags.driver !== undefined && flags.driver !== 'local') {
      throw new CliFailure(`Volume driver "${flags.driver}" is not known.`, {
        hint: 'The only driver is local.',
      });
    }
    if (flags.opt.length > 0) {
      throw new CliFailure('Driver options of volumes are not supported.', {
        hint: 'Use a bind mount for a folder of your own.',
      });
    }
    const name = given ?? flags.name;
    const volume = await (await client()).request('sampan/volume/create', {
      ...(name === undefined ? {} : { name }),
      labels: readPairs(flags.label, 'label'),
    });
    await printLine(volume.name);
    return 0;
  },
});

export const volumeList = defineCommand({
  usage: 'ls [OPTIONS]',
  summary: 'List volumes',
  flags: {
    filter: {
      kind: 'list',
      short: 'f',
      value: 'filter',
      help: 'Provide filter values (e.g. "dangling=true")',
    },
    format: formatFlag,
    quiet: { kind: 'boolean', short: 'q', help: 'Only display volume names' },
  },
  args: [0, 0],
  async run({ flags, client }) {
    const { volumes, damaged } = await (await client()).request('sampan/volume/list', {});
    reportDamage(damaged);
    const shown = filtered(volumes, { texts: flags.filter, tests: volumeTests }).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    await printListing(shown.map(volumeRow), {
      layout: volumeLayout,
      format: flags.format,
      quiet: flags.quiet,
    });
    return 0;
  },
});

export const volumeRemove = defineCommand({
  usage: 'rm [OPTIONS] VOLUME [VOLUME...]',
  summary: 'Remove one or more volumes',
  flags: { force: { kind: 'boolean', short: 'f', help: 'A volume that does not exist is fine' } },
  args: [1, Number.POSITIVE_INFINITY],
  async run({ flags: { force }, args, client }) {
    const connection = await client();
    return forEachName(args, volume => connection.request('sampan/volume/remove', { volume, force }));
  },
});

const volumeTests = {
  name: ({ name }: VolumeInfo, value: string) => name.includes(value),
  label: ({ labels }: VolumeInfo, value: string) => hasLabel(labels, value),
  driver: (_volume: VolumeInfo, value: string) => value === 'local',
  dangling: ({ containers }: VolumeInfo, value: string) =>
    (containers.length === 0) === ['true', '1'].includes(value.toLowerCase()),
};
