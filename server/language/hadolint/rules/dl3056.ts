import { labelTypeRule } from '../labels.ts';
import { isSemanticVersion } from '../labelValues.ts';

/** A label of type semver is a semantic version. */
export const dl3056 = labelTypeRule(
  {
    id: 'DL3056',
    summary: 'A label of type semver is a semantic version',
    documentation:
      'Where `label-schema` of `.hadolint.yaml` says `semver`, the value is a version of three numbers, such as `1.2.3` or `1.2.3-beta.1` (Semantic Versioning 2.0.0).',
  },
  { type: 'semver', isValid: isSemanticVersion, wanted: 'a semantic version' },
);
