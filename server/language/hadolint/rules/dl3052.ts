import { labelTypeRule } from '../labels.ts';
import { isUri } from '../labelValues.ts';

/** A label of type url is a URL. */
export const dl3052 = labelTypeRule(
  {
    id: 'DL3052',
    summary: 'A label of type url is a URL',
    documentation:
      'Where `label-schema` of `.hadolint.yaml` says `url`, the value is a URI with its scheme (RFC 3986), such as `https://example.com/docs`.',
  },
  { type: 'url', isValid: isUri, wanted: 'a URL' },
);
