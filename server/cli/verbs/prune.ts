import { createInterface } from 'node:readline/promises';
import { parseDuration } from '../../common/duration.ts';
import { isSampanError } from '../../common/errors.ts';
import { formatSize } from '../../common/sizes.ts';
import type { ContainerInfo, DamagedObject, ImageSummary, VolumeInfo } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { CliFailure, usageFailure } from '../failure.ts';
import { filtered, hasLabel, parseFilters } from '../filters.ts';
import { readSize } from '../options/values.ts';
import { print, printLine } from '../output.ts';
import { reportDamage } from '../report.ts';
import { labelsOf } from '../rows/containers.ts';

const force = { kind: 'boolean', short: 'f', help: 'Do not prompt for confirmation' } as const;
const filter = {
  kind: 'list',
  value: 'filter',
  help: 'Provide filter values (e.g. "label=<key>=<value>")',
} as const;

export const imagePrune = defineCommand({
  usage: 'prune [OPTIONS]',
  summary: 'Remove unused images',
  flags: {
    all: { kind: 'boolean', short: 'a', help: 'Remove all unused images, not just dangling ones' },
    filter,
    force,
  },
  args: [0, 0],
  async run({ flags, client }) {
    const what = flags.all
      ? 'all images without at least one container associated to them'
      : 'all dangling images';
    if (!(await confirmed(flags.force, what))) return 0;
    const connection = await client();
    const { images, damaged } = await connection.request('sampan/image/list', {});
    refuseDamage(damaged);
    const unused = filtered(images, { texts: flags.filter, tests: imageTests }).filter(
      image => image.containers.length === 0 && (flags.all || image.tags.length === 0),
    );
    const lines: string[] = [];
    let bytes = 0;
    for (const image of unused) {
      const done = await unlessInUse(
        connection.request('sampan/image/remove', { image: image.id, force: true }),
      );
      if (done === undefined) continue;
      lines.push(
        ...done.untagged.map(name => `untagged: ${name}`),
        ...done.deleted.map(id => `deleted: ${id}`),
      );
      if (done.deleted.length > 0) bytes += image.size;
    }
    await report('Deleted Images:', { lines, bytes });
    return 0;
  },
});

export const networkPrune = defineCommand({
  usage: 'prune [OPTIONS]',
  summary: 'Remove all unused networks',
  flags: { force },
  args: [0, 0],
  async run({ flags, client }) {
    if (!(await confirmed(flags.force, 'all custom networks not used by at least one container'))) return 0;
    const connection = await client();
    const [{ networks }, { containers, damaged }] = await Promise.all([
      connection.request('sampan/network/list', {}),
      connection.request('sampan/container/list', { all: true }),
    ]);
    refuseDamage(damaged);
    const used = new Set(['bridge', 'host', 'none', ...containers.map(({ network }) => network.name)]);
    const removed: string[] = [];
    for (const { name } of networks.filter(network => !used.has(network.name)))
      if (await unlessInUse(connection.request('sampan/network/remove', { network: name })))
        removed.push(name);
    if (removed.length > 0) await print(`Deleted Networks:\n${removed.join('\n')}\n\n`);
    return 0;
  },
});

export const containerPrune = defineCommand({
  usage: 'prune [OPTIONS]',
  summary: 'Remove all stopped containers',
  flags: { filter, force },
  args: [0, 0],
  async run({ flags, client }) {
    if (!(await confirmed(flags.force, 'all stopped containers'))) return 0;
    const connection = await client();
    const { containers, damaged } = await connection.request('sampan/container/list', { all: true });
    reportDamage(damaged);
    const stopped = filtered(containers, { texts: flags.filter, tests: containerTests }).filter(
      ({ status }) => ['created', 'exited', 'dead'].includes(status),
    );
    const lines: string[] = [];
    for (const { id } of stopped) {
      const done = await unlessInUse(connection.request('sampan/container/remove', { container: id }));
      if (done !== undefined) lines.push(id);
    }
    await report('Deleted Containers:', { lines, bytes: 0 });
    return 0;
  },
});

export const volumePrune = defineCommand({
  usage: 'prune [OPTIONS]',
  summary: 'Remove unused local volumes',
  flags: {
    all: { kind: 'boolean', short: 'a', help: 'Remove all unused volumes, not just anonymous ones' },
    filter,
    force,
  },
  args: [0, 0],
  async run({ flags, client }) {
    const what = flags.all
      ? 'all local volumes not used by at least one container'
      : 'anonymous local volumes not used by at least one container';
    if (!(await confirmed(flags.force, what))) return 0;
    const connection = await client();
    const { volumes, damaged } = await connection.request('sampan/volume/list', {});
    refuseDamage(damaged);
    const unused = filtered(volumes, { texts: flags.filter, tests: volumeTests }).filter(
      volume => volume.containers.length === 0 && (flags.all || volume.anonymous),
    );
    const lines: string[] = [];
    for (const { name } of unused) {
      const done = await unlessInUse(connection.request('sampan/volume/remove', { volume: name }));
      if (done !== undefined) lines.push(name);
    }
    await report('Deleted Volumes:', { lines, bytes: 0 });
    return 0;
  },
});

export const builderPrune = defineCommand({
  usage: 'prune [OPTIONS]',
  summary: 'Remove build cache',
  flags: {
    all: { kind: 'boolean', short: 'a', help: 'Remove all unused build cache, not just dangling ones' },
    filter: { kind: 'list', value: 'filter', help: 'Provide filter values (e.g. "until=24h")' },
    force,
    'keep-storage': { kind: 'string', value: 'bytes', help: 'Amount of disk space to keep for cache' },
  },
  args: [0, 0],
  async run({ flags, client }) {
    const what = flags.all ? 'all build cache' : 'all dangling build cache';
    if (!(await confirmed(flags.force, what))) return 0;
    const [until] = parseFilters(flags.filter, ['until']).get('until') ?? [];
    const keep = flags['keep-storage'];
    const { entries, bytes } = await (await client()).request('sampan/cache/prune', {
      all: flags.all,
      ...(until !== undefined && { unusedSeconds: readAge(until) }),
      ...(keep !== undefined && { keepBytes: readSize(keep, '--keep-storage') }),
    });
    await report('Deleted build cache objects:', { lines: entries.map(({ id }) => id), bytes });
    return 0;
  },
});

/** Go's duration (`24h`, `1h30m`) in seconds. */
function readAge(text: string): number {
  const age = parseDuration(text);
  if (age.error !== undefined) throw usageFailure(`invalid filter 'until=${text}': ${age.error}`);
  return age.nanoseconds / 1e9;
}

const imageTests = {
  dangling: (image: ImageSummary, value: string) => (image.tags.length === 0) === (value === 'true'),
  label: (image: ImageSummary, value: string) => hasLabel(image.labels, value),
};
const containerTests = {
  label: (container: ContainerInfo, value: string) => hasLabel(labelsOf(container), value),
};
const volumeTests = {
  label: (volume: VolumeInfo, value: string) => hasLabel(volume.labels, value),
};

/** What nothing needs cannot be told beside something that cannot be read. */
function refuseDamage([first]: readonly DamagedObject[]): void {
  if (first !== undefined) throw new CliFailure(first.message, { hint: first.hint });
}

/** What came into use, or went away, since it was listed stays as it is. */
async function unlessInUse<T>(removal: Promise<T>): Promise<T | undefined> {
  try {
    return await removal;
  } catch (error) {
    if (isSampanError(error, 'conflict') || isSampanError(error, 'not-found')) return undefined;
    throw error;
  }
}

async function confirmed(forced: boolean, what: string): Promise<boolean> {
  if (forced) return true;
  const questions = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await questions.question(
    `WARNING! This will remove ${what}.\nAre you sure you want to continue? [y/N] `,
  );
  questions.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Editors look for the heading and for the last line. */
async function report(
  heading: string,
  { lines, bytes }: { readonly lines: readonly string[]; readonly bytes: number },
): Promise<void> {
  if (lines.length > 0) await print(`${heading}\n${lines.join('\n')}\n\n`);
  await printLine(`Total reclaimed space: ${formatSize(bytes)}`);
}
