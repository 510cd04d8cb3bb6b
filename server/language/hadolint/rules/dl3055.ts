import { labelTypeRule } from '../labels.ts';
import { isGitHash } from '../labelValues.ts';

/** A label of type hash is a git hash. */
export const dl3055 = labelTypeRule(
  {
    id: 'DL3055',
    summary: 'A label of type hash is a git hash',
    documentation:
      'Where `label-schema` of `.hadolint.yaml` says `hash`, the value is the hash of a git commit: 40 hexadecimal digits, or the first 7 of them.',
  },
  { type: 'hash', isValid: isGitHash, wanted: 'a git hash' },
);
