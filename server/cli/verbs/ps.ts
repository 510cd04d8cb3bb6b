import type { ContainerInfo } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { filtered, hasLabel } from '../filters.ts';
import { formatFlag, printListing } from '../listing.ts';
import { readInteger } from '../options/values.ts';
import { reportDamage } from '../report.ts';
import { containerLayout, containerRow, labelsOf } from '../rows/containers.ts';

export const ps = defineCommand({
  usage: 'ps [OPTIONS]',
  summary: 'List containers',
  flags: {
    all: { kind: 'boolean', short: 'a', help: 'Show all containers (default shows just running)' },
    filter: { kind: 'list', short: 'f', value: 'filter', help: 'Filter output based on conditions provided' },
    format: formatFlag,
    last: { kind: 'string', short: 'n', value: 'int', help: 'Show n last created containers' },
    latest: { kind: 'boolean', short: 'l', help: 'Show the latest created container' },
    'no-trunc': { kind: 'boolean', help: "Don't truncate output" },
    quiet: { kind: 'boolean', short: 'q', help: 'Only display container IDs' },
    size: { kind: 'boolean', short: 's', hidden: true, help: '' },
  },
  args: [0, 0],
  async run({ flags, client }) {
    if (flags.size) throw new CliFailure('ps --size is not supported.', { hint: 'Leave -s out.' });
    const last = flags.latest ? 1 : flags.last === undefined ? -1 : readInteger(flags.last, '-n, --last');
    const byStatus = flags.filter.some(text => /^\s*(status|exited)\s*=/.test(text));
    // Everything is fetched: filters such as `since` name containers that may have ended.
    const connection = await client();
    const { containers, damaged } = await connection.request('sampan/container/list', { all: true });
    reportDamage(damaged);
    const visible =
      flags.all || byStatus || last >= 0
        ? containers
        : containers.filter(
            ({ status }) => status !== 'created' && status !== 'exited' && status !== 'removing',
          );
    const passing = filtered(visible, { texts: flags.filter, tests: containerTests(containers) });
    const newestFirst = passing.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    const shown = last >= 0 ? newestFirst.slice(0, last) : newestFirst;
    const options = { trunc: !flags['no-trunc'], now: Date.now() };
    await printListing(
      shown.map(container => containerRow(container, options)),
      { layout: containerLayout, format: flags.format, quiet: flags.quiet },
    );
    return 0;
  },
});

function containerTests(all: readonly ContainerInfo[]) {
  const createdAt = (name: string) =>
    Date.parse(all.find(one => one.name === name || one.id.startsWith(name))?.createdAt ?? '');
  return {
    id: ({ id }: ContainerInfo, value: string) => id.startsWith(value),
    name: ({ name }: ContainerInfo, value: string) => nameMatches(name, value),
    status: ({ status }: ContainerInfo, value: string) => status === value,
    health: ({ health, status }: ContainerInfo, value: string) =>
      (status === 'running' || status === 'paused' ? (health?.status ?? 'none') : 'none') === value,
    exited: ({ status, exitCode }: ContainerInfo, value: string) =>
      status === 'exited' && String(exitCode) === value,
    ancestor: ({ image }: ContainerInfo, value: string) =>
      image.reference === value ||
      image.reference === `${value}:latest` ||
      image.id.slice('sha256:'.length).startsWith(value.replace(/^sha256:/, '')),
    label: (container: ContainerInfo, value: string) => hasLabel(labelsOf(container), value),
    volume: ({ mounts }: ContainerInfo, value: string) =>
      mounts.some(mount => mount.volume === value || mount.target === value || mount.source === value),
    network: ({ network }: ContainerInfo, value: string) => network.name === value,
    publish: ({ ports }: ContainerInfo, value: string) =>
      ports.some(port => portMatches(`${port.hostPort}/${port.protocol}`, value)),
    expose: ({ config }: ContainerInfo, value: string) =>
      Object.keys((config.ExposedPorts ?? {}) as object).some(port => portMatches(port, value)),
    before: (container: ContainerInfo, value: string) => Date.parse(container.createdAt) < createdAt(value),
    since: (container: ContainerInfo, value: string) => Date.parse(container.createdAt) > createdAt(value),
  };
}

/** docker matches names, with and without their slash, against a regular expression. */
function nameMatches(name: string, value: string): boolean {
  try {
    const pattern = new RegExp(value);
    return pattern.test(name) || pattern.test(`/${name}`);
  } catch {
    return name.includes(value);
  }
}

function portMatches(port: string, wanted: string): boolean {
  return port === (wanted.includes('/') ? wanted : `${wanted}/tcp`);
}
