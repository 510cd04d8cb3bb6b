import type { InstructionRule } from '../../lint/editorRule.ts';

/** The process of a container is no shell. */
export const dl3025: InstructionRule = {
  id: 'DL3025',
  source: 'hadolint',
  scope: 'instruction',
  on: ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'],
  severity: 'warning',
  sameAs: ['JSONArgsRecommended'],
  summary: 'CMD, ENTRYPOINT and the command of HEALTHCHECK are JSON arrays',
  documentation:
    'In shell form the first process of the container is a shell, which does not hand signals on: `stop` waits for its timeout and kills. An image without a shell cannot start at all.\n\n```dockerfile\nCMD ["nginx", "-g", "daemon off;"]\n```',
  *check({ instruction }) {
    const { kind, node } = instruction;
    if (kind !== 'CMD' && kind !== 'ENTRYPOINT' && kind !== 'HEALTHCHECK') return;
    const { command } = instruction;
    const [first] = command?.words ?? [];
    if (command?.form !== 'shell' || !first) return;
    const { start, end } = kind === 'HEALTHCHECK' ? first : node;
    yield { start, end, message: `Write the command of ${kind} as a JSON array` };
  },
};
