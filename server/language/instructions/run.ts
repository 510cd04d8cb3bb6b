import type { InstructionNode, Word } from '../syntax/tree.ts';
import { readDevice } from './device.ts';
import { readFlagValues } from './flags.ts';
import { readMountFlag } from './mount.ts';
import type { Report } from './report.ts';
import { suggest } from './suggest.ts';
import type { CommandLine, RunInstruction } from './types.ts';

export const networkModes = ['default', 'none', 'host'] as const;
export const securityModes = ['sandbox', 'insecure'] as const;

/** RUN with its command, mounts and modes. */
export function readRun(node: InstructionNode, report: Report): RunInstruction {
  const flags = readFlagValues(node, report);
  const network = flags.text('network');
  const security = flags.text('security');
  return {
    kind: 'RUN',
    node,
    command: readCommand(node),
    mounts: flags.list('mount').map(value => readMountFlag(value, report)),
    network: readMode(network, {
      modes: networkModes,
      report,
      message: value => `invalid network mode ${value}`,
    }),
    security: readMode(security, {
      modes: securityModes,
      report,
      message: value => `security ${value} is not valid`,
    }),
    devices: flags.list('device').map(value => readDevice(value, report)),
  };
}

/** The command of RUN, CMD and ENTRYPOINT. */
export function readCommand(node: InstructionNode): CommandLine {
  return { form: node.json ? 'exec' : 'shell', words: node.args };
}

function readMode<T extends string>(
  value: Word | undefined,
  options: {
    readonly modes: readonly [T, ...T[]];
    readonly report: Report;
    readonly message: (quoted: string) => string;
  },
): T {
  const { modes, report, message } = options;
  const mode = value ? modes.find(one => one === value.text) : modes[0];
  if (value && !mode) {
    const quoted = JSON.stringify(value.text);
    report(value, 'invalid-flag-value', message(quoted), suggest(value.text, modes));
  }
  return mode ?? modes[0];
}
