import type { ImageSummary } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { filtered, globPattern, hasLabel } from '../filters.ts';
import { formatFlag, printListing } from '../listing.ts';
import { note, printLine } from '../output.ts';
import { reportDamage, reportFailure } from '../report.ts';
import { historyLayout, historyRows } from '../rows/history.ts';
import { imageLayout, imageLayoutWithDigests, imageRows, splitTag } from '../rows/images.ts';

export const images = defineCommand({
  usage: 'images [OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'List images',
  flags: {
    all: { kind: 'boolean', short: 'a', help: 'Show all images' },
    digests: { kind: 'boolean', help: 'Show digests' },
    filter: { kind: 'list', short: 'f', value: 'filter', help: 'Filter output based on conditions provided' },
    format: formatFlag,
    'no-trunc': { kind: 'boolean', help: "Don't truncate output" },
    quiet: { kind: 'boolean', short: 'q', help: 'Only show image IDs' },
  },
  args: [0, 1],
  async run({ flags, args: [reference], client }) {
    const listed = await (await client()).request('sampan/image/list', {});
    reportDamage(listed.damaged);
    const wanted = reference === undefined ? flags.filter : [...flags.filter, `reference=${reference}`];
    const passing = filtered(listed.images, { texts: wanted, tests: imageTests(listed.images) });
    const references = wanted.flatMap(text => (text.startsWith('reference=') ? [text.slice(10)] : []));
    const shown = passing
      .map(image => withMatchingTags(image, references))
      .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    const options = { trunc: !flags['no-trunc'], now: Date.now() };
    const rows = shown.flatMap(image => imageRows(image, options));
    await printListing(flags.quiet ? uniqueBy(rows, row => String(row.ID)) : rows, {
      layout: flags.digests ? imageLayoutWithDigests : imageLayout,
      format: flags.format,
      quiet: flags.quiet,
    });
    return 0;
  },
});

export const history = defineCommand({
  usage: 'history [OPTIONS] IMAGE',
  summary: 'Show the history of an image',
  flags: {
    format: formatFlag,
    human: {
      kind: 'boolean',
      short: 'H',
      isOn: true,
      help: 'Print sizes and dates in human readable format',
    },
    'no-trunc': { kind: 'boolean', help: "Don't truncate output" },
    quiet: { kind: 'boolean', short: 'q', help: 'Only show image IDs' },
  },
  args: [1, 1],
  async run({ flags, args: [image = ''], client }) {
    const found = await (await client()).request('sampan/image/inspect', { image });
    const options = { trunc: !flags['no-trunc'], human: flags.human, now: Date.now() };
    await printListing(historyRows(found, options), {
      layout: historyLayout,
      format: flags.format,
      quiet: flags.quiet,
    });
    return 0;
  },
});

export const tag = defineCommand({
  usage: 'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  flags: {},
  args: [2, 2],
  async run({ args: [image = '', reference = ''], client }) {
    await (await client()).request('sampan/image/tag', { image, reference });
    return 0;
  },
});

export const rmi = defineCommand({
  usage: 'rmi [OPTIONS] IMAGE [IMAGE...]',
  summary: 'Remove one or more images',
  flags: {
    force: { kind: 'boolean', short: 'f', help: 'Force removal of the image' },
    'no-prune': { kind: 'boolean', help: 'Do not delete untagged parents' },
  },
  args: [1, Number.POSITIVE_INFINITY],
  async run({ flags: { force }, args, client }) {
    const connection = await client();
    let exitCode = 0;
    for (const image of args) {
      try {
        const removed = await connection.request('sampan/image/remove', { image, force });
        for (const name of removed.untagged) await printLine(`Untagged: ${name}`);
        for (const id of removed.deleted) await printLine(`Deleted: ${id}`);
      } catch (error) {
        reportFailure(error);
        // docker: with --force a missing image is told and forgiven.
        const missing = error instanceof Error && 'code' in error && error.code === 'not-found';
        if (!(force && missing)) exitCode = 1;
      }
    }
    if (args.length === 0) note('nothing to remove');
    return exitCode;
  },
});

function imageTests(all: readonly ImageSummary[]) {
  const createdAt = (name: string) => Date.parse(findImage(all, name)?.createdAt ?? '');
  return {
    dangling: (image: ImageSummary, value: string) =>
      (image.tags.length === 0) === ['true', '1'].includes(value.toLowerCase()),
    label: (image: ImageSummary, value: string) => hasLabel(image.labels, value),
    reference: (image: ImageSummary, value: string) => image.tags.some(one => matchesReference(one, value)),
    before: (image: ImageSummary, value: string) => Date.parse(image.createdAt) < createdAt(value),
    since: (image: ImageSummary, value: string) => Date.parse(image.createdAt) > createdAt(value),
  };
}

function findImage(all: readonly ImageSummary[], name: string): ImageSummary | undefined {
  const hex = name.replace(/^sha256:/, '');
  return all.find(
    image =>
      image.tags.includes(name) || image.tags.includes(`${name}:latest`) || image.id.slice(7).startsWith(hex),
  );
}

/** docker's `reference` filter: a glob of the repository, or of repository and tag. */
function matchesReference(tagged: string, glob: string): boolean {
  const pattern = globPattern(glob);
  return pattern.test(tagged) || pattern.test(splitTag(tagged).repository);
}

function withMatchingTags(image: ImageSummary, references: readonly string[]): ImageSummary {
  if (references.length === 0) return image;
  const tags = image.tags.filter(one => references.some(glob => matchesReference(one, glob)));
  return { ...image, tags };
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.toReversed().map(item => [key(item), item])).values()].toReversed();
}
