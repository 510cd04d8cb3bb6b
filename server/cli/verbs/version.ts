import { protocolVersion } from '../../protocol/version.ts';
import { defineCommand } from '../command.ts';
import { applied } from '../listing.ts';
import { print, printLine } from '../output.ts';
import { version as sampanVersion } from '../version.ts';

/** The version of docker's API whose output formats this command has; editors read it from `--format`. */
const dockerApiVersion = '1.51';

export const version = defineCommand({
  usage: 'version [OPTIONS]',
  summary: 'Show the Sampan version information',
  flags: { format: { kind: 'string', short: 'f', help: 'Format output using a custom template, or json' } },
  args: [0, 0],
  async run({ flags }) {
    const facts = {
      Version: sampanVersion,
      ApiVersion: dockerApiVersion,
      Protocol: protocolVersion,
      Os: process.platform,
      Arch: process.arch === 'x64' ? 'amd64' : process.arch,
      Node: process.versions.node,
    };
    if (flags.format !== undefined) {
      const template = applied(flags.format === 'json' ? '{{json .}}' : flags.format);
      await printLine(template({ Client: facts, Server: facts }));
      return 0;
    }
    await print(
      [
        'Sampan',
        ` Version:   ${facts.Version}`,
        ` Protocol:  ${facts.Protocol}`,
        ` OS/Arch:   ${facts.Os}/${facts.Arch}`,
        ` Node:      ${facts.Node}`,
        '',
      ].join('\n'),
    );
    return 0;
  },
});

/** `sampan --version`. */
export const versionLine = defineCommand({
  usage: '--version',
  summary: 'Show the version',
  flags: {},
  args: [0, 0],
  async run() {
    await printLine(`Sampan version ${sampanVersion}`);
    return 0;
  },
});
