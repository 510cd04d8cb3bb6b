import type { InstructionRule } from '../../lint/editorRule.ts';

const reserved = new Set(['scratch', 'context']);

/** The name of a stage means nothing else. */
export const dl3063: InstructionRule = {
  id: 'DL3063',
  source: 'hadolint',
  scope: 'instruction',
  on: ['FROM'],
  severity: 'warning',
  sameAs: ['ReservedStageName'],
  summary: 'No stage is called scratch or context',
  documentation:
    '`scratch` is the empty image and `context` the build context: a stage of that name cannot be referred to.',
  *check({ instruction }) {
    const alias = instruction.kind === 'FROM' ? instruction.alias : undefined;
    if (!alias || !reserved.has(alias.text.toLowerCase())) return;
    const { start, end, text } = alias;
    yield { start, end, message: `${text} is reserved: give the stage another name` };
  },
};
