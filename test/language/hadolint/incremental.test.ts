import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hadolintRules } from '../../../server/language/hadolint/rules.ts';
import { check } from '../../../server/language/lint/check.ts';
import { inspect } from '../../../server/language/lint/inspect.ts';
import { Inspector } from '../../../server/language/lint/inspector.ts';
import { defaultLintSettings } from '../../../server/language/lint/settings.ts';

/** Lines about which rules remember something, of the stage or of the stages before. */
const lines = [
  '',
  '# a comment',
  '# hadolint ignore=DL3006',
  'ARG V=1',
  'FROM a',
  'FROM b AS base',
  'FROM base AS next',
  'FROM next',
  'ENV PIP_NO_CACHE_DIR=1 V=2 W=$V',
  'WORKDIR /a',
  'WORKDIR b',
  'COPY x.tar y',
  'COPY --from=base x y',
  'COPY --from=next x y',
  'USER root',
  'USER $V',
  'RUN apt-get update && apt-get install c',
  'RUN apt-get install c',
  'RUN tar -xf x.tar',
  'RUN pip install c',
  `RUN yum install c-$\{V}`,
  'RUN yarn install',
  'RUN curl c \\\n  | wget d',
  'RUN make',
  'ONBUILD RUN pip install c && yarn install',
  'ONBUILD RUN wget c',
  'ONBUILD RUN curl c',
  'CMD c',
  'HEALTHCHECK CMD c',
  'LABEL owner=x',
];

const settings = {
  ...defaultLintSettings,
  levels: new Map(hadolintRules.map(({ id }) => [id, 'warning'] as const)),
  hadolint: {
    ...defaultLintSettings.hadolint,
    labelSchema: new Map([['owner', 'text'] as const]),
    trustedRegistries: ['docker.io'],
  },
};

test('what rules of hadolint say after changes is what they say of a text from nothing', () => {
  const line = fc.constantFrom(...lines);
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(3),
    added: fc.array(line, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 30 }),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      (first, edits) => {
        const inspector = new Inspector({ rules: hadolintRules, settings });
        const written = [...first];
        let previous = check(written.join('\n'));
        inspect(previous, inspector);
        for (const { at, removed, added } of edits) {
          written.splice(Math.floor(at * written.length), removed, ...added);
          const text = written.join('\n');
          previous = check(text, { previous });
          const fresh = inspect(check(text), new Inspector({ rules: hadolintRules, settings }));
          assert.deepEqual(inspect(previous, inspector).findings, fresh.findings);
        }
      },
    ),
    { numRuns: 300 },
  );
});
