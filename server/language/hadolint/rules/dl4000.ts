import type { InstructionRule } from '../../lint/editorRule.ts';

/** MAINTAINER gave way to a label. */
export const dl4000: InstructionRule = {
  id: 'DL4000',
  source: 'hadolint',
  scope: 'instruction',
  on: ['MAINTAINER'],
  severity: 'warning',
  sameAs: ['MaintainerDeprecated'],
  summary: 'A label names the maintainer',
  documentation:
    'Name the author in a label, which tools can read.\n\n```dockerfile\nLABEL org.opencontainers.image.authors="somebody@example.com"\n```',
  *check({ node: { start, end } }) {
    yield { start, end, message: 'MAINTAINER gave way to a label', tag: 'deprecated' };
  },
};
