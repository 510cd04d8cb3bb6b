import { ofKind } from '../outline.ts';
import { repeated } from '../repeated.ts';
import { stageRule } from '../stageMemo.ts';

/** A stage has one CMD. */
export const dl4003 = stageRule(
  {
    id: 'DL4003',
    on: ofKind('CMD'),
    severity: 'warning',
    sameAs: ['MultipleInstructionsDisallowed'],
    summary: 'A stage has one CMD',
    documentation:
      'Each `CMD` replaces the one before it: remove all but the last. What is to run in the build belongs into `RUN`.',
  },
  repeated,
);
