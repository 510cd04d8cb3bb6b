import { ofKind } from '../outline.ts';
import { repeated } from '../repeated.ts';
import { stageRule } from '../stageMemo.ts';

/** A stage has one HEALTHCHECK. */
export const dl3012 = stageRule(
  {
    id: 'DL3012',
    on: ofKind('HEALTHCHECK'),
    severity: 'warning',
    sameAs: ['MultipleInstructionsDisallowed'],
    summary: 'A stage has one HEALTHCHECK',
    documentation: 'Each `HEALTHCHECK` replaces the one before it: remove all but the last.',
  },
  repeated,
);
