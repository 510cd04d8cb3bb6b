import { ofKind } from '../outline.ts';
import { repeated } from '../repeated.ts';
import { stageRule } from '../stageMemo.ts';

/** A stage has one ENTRYPOINT. */
export const dl4004 = stageRule(
  {
    id: 'DL4004',
    on: ofKind('ENTRYPOINT'),
    severity: 'warning',
    sameAs: ['MultipleInstructionsDisallowed'],
    summary: 'A stage has one ENTRYPOINT',
    documentation: 'Each `ENTRYPOINT` replaces the one before it: remove all but the last.',
  },
  repeated,
);
