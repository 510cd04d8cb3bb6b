import type { InstructionRule } from '../../lint/editorRule.ts';

/** The target platform needs no words. */
export const dl3065: InstructionRule = {
  id: 'DL3065',
  source: 'hadolint',
  scope: 'instruction',
  on: ['FROM'],
  severity: 'warning',
  sameAs: ['RedundantTargetPlatform'],
  summary: 'FROM does not ask for the target platform',
  documentation:
    'A stage is for the target platform unless something else is said: `--platform=$TARGETPLATFORM` can go.',
  *check({ instruction }) {
    const platform = instruction.kind === 'FROM' ? instruction.platform : undefined;
    if (!platform || !/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform.text)) return;
    const { start, end } = platform;
    yield { start, end, message: 'This is the platform anyway' };
  },
};
