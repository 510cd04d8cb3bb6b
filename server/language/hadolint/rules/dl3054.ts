import { labelTypeRule } from '../labels.ts';
import { isLicense } from '../labelValues.ts';

/** A label of type spdx is a license identifier. */
export const dl3054 = labelTypeRule(
  {
    id: 'DL3054',
    summary: 'A label of type spdx is a license identifier',
    documentation:
      'Where `label-schema` of `.hadolint.yaml` says `spdx`, the value is an identifier of the SPDX License List, such as `Apache-2.0`.',
  },
  { type: 'spdx', isValid: isLicense, wanted: 'a license identifier of SPDX' },
);
