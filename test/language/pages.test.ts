// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { check } from '../../server/language/lint/check.ts';
import { editorRules } from '../../server/language/lint/editorRules.ts';
import { inspect } from '../../server/language/lint/inspect.ts';
import { Inspector } from '../../server/language/lint/inspector.ts';
import type { ShellcheckMemory } from '../../server/language/shellcheck/findings.ts';
import { said } from './said.ts';

/** Instructions that depend on each other across the pages of a file, or find something there. */
const lines = [
  'FROM debian:12 AS build',
  'FROM build',
  'FROM scratch AS last',
  'ENV HOME_DIR=/opt PATH_OF=$VERSION',
  'ENV OLD style',
  'ARG VERSION=1.2.3',
  'ARG UNUSED',
  'RUN make $VERSION ${VERSIN} $HOME_DIR',
  'RUN apt-get update && apt-get install -y curl',
  'RUN curl x | tar -x',
  'RUN wget y',
  'RUN pip install a',
  'RUN --mount=type=cache,target=.. true',
  'COPY --from=build /a /b',
  'COPY --from=biuld a.tar.gz $HOME_DIR/',
  'ADD a b',
  'WORKDIR relative',
  'WORKDIR /app',
  'USER $VERSION',
  'USER root',
  'SHELL ["/bin/bash", "-c"]',
  'SHELL ["pwsh"]',
  'CMD start $VERSION',
  'ENTRYPOINT ["a"]',
  'HEALTHCHECK CMD true',
  'EXPOSE 80/TCP $VERSION',
  'ONBUILD RUN wget $HOME_DIR',
  'STOPSIGNAL $VERSION',
  'LABEL a=b',
  'copy x y',
  '# check=skip=all',
  '# hadolint ignore=DL3059',
  '',
];

/** It has something to say about every script. */
const shellcheck: ShellcheckMemory = {
  version: 0,
  comments: ({ script, text }) => [
    { code: 'SC1', level: 'info', message: text, pos: 0, end: Math.min(script.length, 2), replacements: [] },
  ],
};

test('a file of many pages says after every edit what it says when it is read from nothing', () => {
  const line = fc.constantFrom(...lines);
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.oneof(fc.nat(2), fc.nat(150)),
    added: fc.array(line, { maxLength: 4 }),
  });
  const first = fc.array(line, { minLength: 150, maxLength: 300 });
  fc.assert(
    fc.property(first, fc.array(edit, { minLength: 1, maxLength: 5 }), (start, edits) => {
      const inspector = new Inspector({ rules: editorRules });
      const written = [...start];
      let result = check(written.join('\n'));
      inspect(result, inspector, { shellcheck });
      for (const { at, removed, added } of edits) {
        written.splice(Math.floor(at * written.length), removed, ...added);
        const text = written.join('\n');
        result = check(text, { previous: result });
        const fresh = check(text);
        assert.deepEqual(said(result), said(fresh));
        const { findings } = inspect(fresh, new Inspector({ rules: editorRules }), { shellcheck });
        assert.deepEqual(inspect(result, inspector, { shellcheck }).findings, findings);
      }
    }),
    { numRuns: 25 },
  );
});
