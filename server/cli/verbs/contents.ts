import { defineCommand } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { print, printLine } from '../output.ts';
import { withOutputFile } from '../streams.ts';

export const port = defineCommand({
  usage: 'port CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'List port mappings or a specific mapping for the container',
  flags: {},
  args: [1, 2],
  async run({ args: [name = '', wanted], client }) {
    const { ports } = await (await client()).request('sampan/container/inspect', { container: name });
    const places = ports.map(({ hostIp, hostPort, containerPort, protocol }) => ({
      inside: `${containerPort}/${protocol}`,
      outside: `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort}`,
    }));
    if (wanted === undefined) {
      for (const { inside, outside } of places) await printLine(`${inside} -> ${outside}`);
      return 0;
    }
    const inside = wanted.includes('/') ? wanted : `${wanted}/tcp`;
    const matching = places.filter(place => place.inside === inside);
    if (matching.length === 0) throw new CliFailure(`no public port '${inside}' published for ${name}`);
    for (const { outside } of matching) await printLine(outside);
    return 0;
  },
});

export const diff = defineCommand({
  usage: 'diff CONTAINER',
  summary: "Inspect changes to files or directories on a container's filesystem",
  flags: {},
  args: [1, 1],
  async run({ args: [container = ''], client }) {
    const { changes } = await (await client()).request('sampan/container/changes', { container });
    await print(changes.map(({ kind, path }) => `${kind} ${path}\n`).join(''));
    return 0;
  },
});

export const exportContainer = defineCommand({
  usage: 'export [OPTIONS] CONTAINER',
  summary: "Export a container's filesystem as a tar archive",
  flags: { output: { kind: 'string', short: 'o', help: 'Write to a file, instead of STDOUT' } },
  args: [1, 1],
  async run({ flags, args: [container = ''], client, interrupt }) {
    const connection = await client();
    await withOutputFile(flags.output, path =>
      connection.request('sampan/container/export', { container, path }, interrupt.signal),
    );
    return 0;
  },
});

export const commit = defineCommand({
  usage: 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  summary: "Create a new image from a container's changes",
  flags: {
    author: {
      kind: 'string',
      short: 'a',
      help: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")',
    },
    change: { kind: 'list', short: 'c', help: 'Apply Dockerfile instruction to the created image' },
    message: { kind: 'string', short: 'm', help: 'Commit message' },
    pause: { kind: 'string', short: 'p', hidden: true, help: '' },
    'no-pause': { kind: 'boolean', hidden: true, help: '' },
  },
  args: [1, 2],
  async run({ flags, args: [container = '', reference], client, interrupt }) {
    const image = await (await client()).request(
      'sampan/container/commit',
      {
        container,
        tags: reference === undefined ? [] : [reference],
        changes: flags.change,
        ...(flags.author === undefined ? {} : { author: flags.author }),
        ...(flags.message === undefined ? {} : { message: flags.message }),
      },
      interrupt.signal,
    );
    await printLine(image.id);
    return 0;
  },
});
