import type { InstructionRule } from '../../lint/editorRule.ts';

/** Ports are numbers of 16 bits. */
export const dl3011: InstructionRule = {
  id: 'DL3011',
  source: 'hadolint',
  scope: 'instruction',
  on: ['EXPOSE'],
  severity: 'warning',
  sameAs: ['invalid-port'],
  summary: 'A port is a number from 0 to 65535',
  documentation: 'TCP, UDP and SCTP have 16 bits for a port: a greater number cannot be exposed.',
  *check({ instruction }) {
    if (instruction.kind !== 'EXPOSE') return;
    const wrong = instruction.ports.find(({ text }) => isTooHigh(text));
    if (!wrong) return;
    const { start, end, text } = wrong;
    yield { start, end, message: `${text} is beyond the last port, 65535` };
  },
};

function isTooHigh(text: string): boolean {
  const numbers = /^(\d+)(?:-(\d+))?(?:\/\w+)?$/.exec(text)?.slice(1);
  return numbers?.some(number => Number(number ?? 0) > 65535) ?? false;
}
