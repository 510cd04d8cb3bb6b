import { labelTypeRule } from '../labels.ts';
import { isRfc3339 } from '../labelValues.ts';

/** A label of type rfc3339 is a time. */
export const dl3053 = labelTypeRule(
  {
    id: 'DL3053',
    summary: 'A label of type rfc3339 is a time',
    documentation:
      'Where `label-schema` of `.hadolint.yaml` says `rfc3339`, the value is a time such as `2025-01-31T12:00:00Z`.',
  },
  { type: 'rfc3339', isValid: isRfc3339, wanted: 'a time of RFC 3339' },
);
