import { labelTypeRule } from '../labels.ts';
import { isEmail } from '../labelValues.ts';

/** A label of type email is an e-mail address. */
export const dl3058 = labelTypeRule(
  {
    id: 'DL3058',
    summary: 'A label of type email is an e-mail address',
    documentation:
      'Where `label-schema` of `.hadolint.yaml` says `email`, the value is an address of RFC 5322, such as `somebody@example.com`.',
  },
  { type: 'email', isValid: isEmail, wanted: 'an e-mail address' },
);
