import { isSampanError, SampanError } from '../../common/errors.ts';
import type { Client } from '../client.ts';
import { type AnyCommand, defineCommand, type Invocation } from '../command.ts';
import { CliFailure } from '../failure.ts';
import type { Flag, Flags } from '../flags.ts';
import { containerDocument } from '../inspect/container.ts';
import { imageDocument, networkDocument, volumeDocument } from '../inspect/others.ts';
import { applied } from '../listing.ts';
import { print } from '../output.ts';
import { reportFailure } from '../report.ts';

type Kind = 'container' | 'image' | 'volume' | 'network';

const formatFlag = {
  kind: 'string',
  short: 'f',
  help: "Format output using a custom template, or 'json'",
} as const satisfies Flag;

export const inspect = defineCommand({
  usage: 'inspect [OPTIONS] NAME|ID [NAME|ID...]',
  summary: 'Return low-level information on objects',
  flags: {
    format: formatFlag,
    type: {
      kind: 'string',
      help: 'Only inspect objects of the given type: container, image, volume, network',
    },
  },
  args: [1, Number.POSITIVE_INFINITY],
  async run({ flags, args, client }) {
    const kinds = kindsOf(flags.type);
    return showAll(args, { client, format: flags.format, kinds });
  },
});

/** `image inspect`, `volume inspect` and so on. */
export function inspectOf(kind: Kind): AnyCommand {
  return defineCommand({
    usage: 'inspect [OPTIONS] NAME [NAME...]',
    summary: `Display detailed information on one or more ${kind}s`,
    flags: { format: formatFlag },
    args: [1, Number.POSITIVE_INFINITY],
    run: ({ flags, args, client }) => showAll(args, { client, format: flags.format, kinds: [kind] }),
  });
}

const allKinds: readonly Kind[] = ['container', 'image', 'volume', 'network'];

function kindsOf(type: string | undefined): readonly Kind[] {
  if (type === undefined || type === '') return allKinds;
  const kind = allKinds.find(known => known === type);
  if (kind === undefined) throw new CliFailure(`"${type}" is not a valid value for --type`);
  return [kind];
}

/** What was found is printed, also when something else was not. */
async function showAll(
  names: readonly string[],
  options: {
    readonly client: Invocation<Flags>['client'];
    readonly format: string | undefined;
    readonly kinds: readonly Kind[];
  },
): Promise<number> {
  const template =
    options.format === undefined || options.format === 'json' ? undefined : applied(options.format);
  const client = await options.client();
  const found: object[] = [];
  let exitCode = 0;
  for (const name of names) {
    try {
      const document = await find(client, { name, kinds: options.kinds });
      if (template === undefined) found.push(document);
      else await print(`${template(document)}\n`);
    } catch (error) {
      reportFailure(error);
      exitCode = 1;
    }
  }
  if (template === undefined) {
    await print(`${JSON.stringify(found, undefined, options.format === 'json' ? 0 : 4)}\n`);
  }
  return exitCode;
}

/** The first kind that has the name, in docker's order. */
async function find(
  client: Client,
  { name, kinds }: { name: string; kinds: readonly Kind[] },
): Promise<object> {
  for (const kind of kinds) {
    try {
      return await finders[kind](client, name);
    } catch (error) {
      const tryNext = isSampanError(error, 'not-found') || isSampanError(error, 'invalid-argument');
      if (kinds.length === 1 || !tryNext) throw error;
    }
  }
  throw new CliFailure(`Error: No such object: ${name}`, { bare: true });
}

const finders: { readonly [K in Kind]: (client: Client, name: string) => Promise<object> } = {
  container: async (client, container) =>
    containerDocument(await client.request('sampan/container/inspect', { container })),
  image: async (client, image) => imageDocument(await client.request('sampan/image/inspect', { image })),
  volume: async (client, volume) => volumeDocument(await client.request('sampan/volume/inspect', { volume })),
  network: async (client, name) => {
    const { networks, damaged } = await client.request('sampan/network/list', {});
    const network =
      networks.find(one => one.name === name) ??
      networks.find(one => one.id !== '' && one.id.startsWith(name));
    const damage = damaged.find(one => one.id === name);
    if (damage !== undefined) throw new SampanError('store-corrupt', damage.message, { hint: damage.hint });
    if (network === undefined) throw new SampanError('not-found', `network ${name} not found`);
    return networkDocument(network);
  },
};
