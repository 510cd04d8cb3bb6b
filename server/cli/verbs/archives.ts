import { defineCommand } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { print, printLine } from '../output.ts';
import { withOutputFile, withStdinFile } from '../streams.ts';

export const load = defineCommand({
  usage: 'load [OPTIONS]',
  summary: 'Load an image from a tar archive or STDIN',
  flags: {
    input: { kind: 'string', short: 'i', help: 'Read from tar archive file, instead of STDIN' },
    quiet: { kind: 'boolean', short: 'q', help: 'Suppress the load output' },
  },
  args: [0, 0],
  async run({ flags, client, interrupt }) {
    if (flags.input === undefined && process.stdin.isTTY) {
      throw new CliFailure('requested load from stdin, but stdin is empty');
    }
    const connection = await client();
    const { images } = await withStdinFile(flags.input, path =>
      connection.request('sampan/image/load', { path }, interrupt.signal),
    );
    for (const { id, tags } of images) {
      for (const tag of tags) await printLine(`Loaded image: ${tag}`);
      if (tags.length === 0) await printLine(`Loaded image ID: ${id}`);
    }
    return 0;
  },
});

export const save = defineCommand({
  usage: 'save [OPTIONS] IMAGE [IMAGE...]',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  flags: {
    output: { kind: 'string', short: 'o', help: 'Write to a file, instead of STDOUT' },
    format: { kind: 'string', help: 'docker-archive (default) or oci-archive; both are in every archive' },
  },
  args: [1, Number.POSITIVE_INFINITY],
  async run({ flags, args, client, interrupt }) {
    const format = flags.format ?? 'docker-archive';
    if (format !== 'docker-archive' && format !== 'oci-archive') {
      throw new CliFailure(`unknown archive format "${format}"`, {
        hint: 'Use docker-archive or oci-archive.',
      });
    }
    const connection = await client();
    await withOutputFile(flags.output, path =>
      connection.request('sampan/image/save', { images: args, path, format }, interrupt.signal),
    );
    return 0;
  },
});

export const importImage = defineCommand({
  usage: 'import [OPTIONS] file|- [REPOSITORY[:TAG]]',
  summary: 'Import the contents from a tarball to create a filesystem image',
  flags: {
    change: { kind: 'list', short: 'c', help: 'Apply Dockerfile instruction to the created image' },
    message: { kind: 'string', short: 'm', help: 'Set commit message for imported image' },
    platform: { kind: 'string', help: 'Set platform of the image' },
  },
  args: [1, 2],
  async run({ flags, args: [source = '-', reference], client, interrupt }) {
    if (/^https?:/.test(source)) {
      throw new CliFailure('Importing from a URL is not supported.', {
        hint: 'Download it and import the file.',
      });
    }
    const connection = await client();
    const image = await withStdinFile(source === '-' ? undefined : source, path =>
      connection.request(
        'sampan/image/import',
        {
          path,
          tags: reference === undefined ? [] : [reference],
          message: flags.message ?? `Imported from ${source}`,
          changes: flags.change,
          ...(flags.platform === undefined ? {} : { platform: flags.platform }),
        },
        interrupt.signal,
      ),
    );
    await print(`${image.id}\n`);
    return 0;
  },
});
