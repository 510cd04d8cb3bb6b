import { type AnyCommand, defineCommand } from '../command.ts';
import { overview } from '../help.ts';
import { print } from '../output.ts';

export function overviewCommand(
  group: string,
  verbs: readonly { readonly name: string; readonly summary: string }[],
): AnyCommand {
  return defineCommand({
    usage: group,
    summary: 'Show the commands',
    flags: {},
    args: [0, 0],
    async run() {
      await print(overview(group, verbs));
      return 0;
    },
  });
}
