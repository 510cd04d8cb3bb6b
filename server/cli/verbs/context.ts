import { defineCommand } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { applied, formatFlag, type Layout, printListing } from '../listing.ts';
import { note, print, printLine } from '../output.ts';

/**
 * Docker's contexts say which daemon a command talks to. Here is no daemon and so one context, which clients that ask
 * find where they expect it.
 */
const only = 'default';

const layout: Layout = {
  headings: {
    Name: 'NAME',
    Description: 'DESCRIPTION',
    DockerEndpoint: 'DOCKER ENDPOINT',
    Error: 'ERROR',
    Current: 'CURRENT',
  },
  columns: ['Name', 'Description', 'DockerEndpoint', 'Error'],
  quiet: 'Name',
};

export const contextList = defineCommand({
  usage: 'ls [OPTIONS]',
  summary: 'List contexts',
  flags: { format: formatFlag, quiet: { kind: 'boolean', short: 'q', help: 'Only show context names' } },
  args: [0, 0],
  async run({ flags }) {
    const row = { Name: only, Current: true, Description: 'This machine', DockerEndpoint: '', Error: '' };
    await printListing([row], { layout, format: flags.format, quiet: flags.quiet });
    return 0;
  },
});

export const contextInspect = defineCommand({
  usage: 'inspect [OPTIONS] [CONTEXT] [CONTEXT...]',
  summary: 'Display detailed information on one or more contexts',
  flags: {
    format: {
      kind: 'string',
      short: 'f',
      help: "Format output using a custom template: 'json', or TEMPLATE",
    },
  },
  args: [0, Number.POSITIVE_INFINITY],
  async run({ flags: { format }, args }) {
    const contexts = (args.length === 0 ? [only] : args).map(name => {
      requireContext(name);
      return {
        Name: name,
        Metadata: {},
        Endpoints: { docker: { Host: '', SkipTLSVerify: false } },
        TLSMaterial: {},
      };
    });
    if (format === undefined || format === 'json') {
      await print(`${JSON.stringify(contexts, undefined, format === undefined ? 4 : 0)}\n`);
      return 0;
    }
    const template = applied(format);
    for (const context of contexts) await printLine(template(context));
    return 0;
  },
});

export const contextShow = defineCommand({
  usage: 'show',
  summary: 'Print the name of the current context',
  flags: {},
  args: [0, 0],
  async run() {
    await printLine(only);
    return 0;
  },
});

export const contextUse = defineCommand({
  usage: 'use CONTEXT',
  summary: 'Set the current context',
  flags: {},
  args: [1, 1],
  async run({ args: [name = ''] }) {
    requireContext(name);
    await printLine(name);
    note(`Current context is now "${name}"`);
    return 0;
  },
});

function requireContext(name: string): void {
  if (name === only) return;
  throw new CliFailure(`context "${name}": context not found`, {
    hint: `Sampan has no daemon to talk to elsewhere: its one context is "${only}".`,
  });
}
