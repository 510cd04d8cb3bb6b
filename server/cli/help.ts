import { type Flags, flagNames } from './flags.ts';

interface Described {
  readonly usage: string;
  readonly summary: string;
  readonly flags: Flags;
}

/** The help of one verb, laid out as docker's. `name` is what was typed (`image ls`); the usage names the verb itself. */
export function helpText(command: Described, name: string): string {
  const rest = command.usage.slice(command.usage.indexOf(' ') + 1);
  const usage = command.usage.includes(' ') ? `${name} ${rest}` : name;
  const head = `Usage:  sampan ${usage}\n\n${command.summary}\n`;
  const options = optionLines(command.flags);
  return options.length === 0 ? head : `${head}\nOptions:\n${options.join('\n')}\n`;
}

function optionLines(flags: Flags): string[] {
  const shown = Object.entries(flags)
    .filter(([, flag]) => !flag.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => {
      const value =
        flag.kind === 'boolean' ? '' : ` ${flag.value ?? (flag.kind === 'list' ? 'list' : 'string')}`;
      const names = flag.short ? flagNames(name, flag) : `    ${flagNames(name, flag)}`;
      return { left: `  ${names}${value}`, help: flag.help };
    });
  const width = Math.max(...shown.map(({ left }) => left.length)) + 3;
  return shown.map(({ left, help }) => left.padEnd(width) + help);
}

/** The verbs of the command, or of one group of it (`image`). */
export function overview(
  group: string,
  verbs: readonly { readonly name: string; readonly summary: string }[],
): string {
  const prefix = group === '' ? 'sampan' : `sampan ${group}`;
  const width = Math.max(...verbs.map(({ name }) => name.length)) + 2;
  const lines = verbs.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return [
    `Usage:  ${prefix} COMMAND`,
    '',
    ...(group === '' ? ['Builds and runs containers: no daemon, no root', ''] : []),
    'Commands:',
    ...lines,
    '',
    `Run '${prefix} COMMAND --help' for more information on a command.`,
    '',
  ].join('\n');
}
