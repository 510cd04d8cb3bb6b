import type { InstructionRule } from '../../lint/editorRule.ts';

const barred = new Set(['ONBUILD', 'FROM', 'MAINTAINER']);

/** Not everything can be a trigger. */
export const dl3043: InstructionRule = {
  id: 'DL3043',
  source: 'hadolint',
  scope: 'instruction',
  on: ['ONBUILD'],
  severity: 'warning',
  sameAs: ['onbuild-onbuild', 'onbuild-trigger'],
  summary: 'ONBUILD, FROM and MAINTAINER are no triggers',
  documentation: 'A build refuses `ONBUILD ONBUILD`, `ONBUILD FROM` and `ONBUILD MAINTAINER`.',
  *check({ node: { trigger } }) {
    const name = trigger?.keyword.text.toUpperCase() ?? '';
    if (!trigger || !barred.has(name)) return;
    const { start, end } = trigger.keyword;
    yield { start, end, message: `${name} cannot be behind ONBUILD` };
  },
};
