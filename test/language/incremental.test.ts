import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { createIgnoreMatcher } from '../../server/language/index.ts';
import { check } from '../../server/language/lint/check.ts';
import { changeLineStarts, findChange } from '../../server/language/syntax/change.ts';
import { findLineStarts } from '../../server/language/syntax/line.ts';
import { parseTree } from '../../server/language/syntax/parse.ts';
import { pieces } from './pieces.ts';
import { said } from './said.ts';

/** Replaces `length` characters at `at` percent of the text. */
interface Edit {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

const applyEdit = (text: string, { at, length, text: inserted }: Edit): string => {
  const start = Math.floor((at / 100) * text.length);
  return text.slice(0, start) + inserted + text.slice(start + length);
};

// A file that edits can break anywhere: continuations, heredocs, stages that are built on each other, triggers.
const sample = `# syntax=docker/dockerfile:1
ARG TAG=3.20 OTHER

FROM alpine:$TAG AS base
# base is the first
ENV HOME_DIR=/opt/app LANG="C.UTF-8"
ONBUILD COPY --from=tools $HOME_DIR /x
RUN apk add \\
    # a comment inside
    curl \\

    git
EXPOSE 80 8080/TCP 127.0.0.1:90:90
\tWORKDIR relative

FROM base AS tools
ARG VERSION=1.2.3
RUN <<EOF
make VERSION=$VERSION
EOF
copy <<-A <<B --chmod=644 /etc/$VERSION/
\tone
\tA
two
B
# check=skip=JSONArgsRecommended
CMD start now
LABEL a b
SHELL ["sh", "-c"]
ENTRYPOINT start
FROM scratch
COPY --from=tolls /a /b
ADD --checksum=sha256:0 https://example.com/x $NOWHERE /
ENV TOKEN=$VERSIN
USER nobody
STOPSIGNAL NONE
`;

const piece = fc.constantFrom(...pieces);
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 100, noNaN: true }),
  length: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(200)),
  text: fc.oneof(
    fc.constant(''),
    piece,
    fc.array(piece, { maxLength: 4 }).map(parts => parts.join('')),
  ),
});
const start = fc.oneof(
  fc.constant(sample),
  fc.constant(sample.replaceAll('\n', '\r\n')),
  fc.array(piece, { maxLength: 60 }).map(parts => parts.join('')),
);
const edits = fc.array(edit, { minLength: 1, maxLength: 12 });
const ignore = createIgnoreMatcher('a\n');

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

describe('a check of a changed text', () => {
  test('is the same as a check from nothing, edit after edit', () => {
    fc.assert(
      fc.property(start, edits, (first, list) => {
        let text = first;
        let previous = check(text, { ignore });
        for (const one of list) {
          text = applyEdit(text, one);
          previous = check(text, { ignore, previous });
          assert.deepEqual(said(previous), said(check(text, { ignore })));
        }
      }),
      { numRuns: 400 },
    );
  });

  test('is the same for every single character that is left out or doubled', () => {
    for (let at = 0; at < sample.length; at++) {
      for (const middle of ['', (sample[at] ?? '') + sample[at], '\n']) {
        const text = sample.slice(0, at) + middle + sample.slice(at + 1);
        assert.deepEqual(said(check(text, { previous: check(sample) })), said(check(text)), `at ${at}`);
      }
    }
  });

  // Replacements of one length: what stands behind them is the same object in both trees.
  const replacements: readonly [does: string, text: string, from: string, to: string][] = [
    ['a line that the end of the text cut off', 'FROM a\nRUN b \\\n', ' \\\n', ' \\\nc\n'],
    ['a heredoc that the end of the text cut off', 'FROM a\nRUN <<E\n', '<<E\n', '<<E\nb\nE\n'],
    ['the first WORKDIR', 'FROM a\nWORKDIR /a\nUSER b\nWORKDIR c\n', 'WORKDIR /a', 'VOLUME  /a'],
    ['the WORKDIR of a mount', 'FROM a\nWORKDIR /a/b\nRUN --mount=target=.. c\n', '/a/b', '/abc'],
    ['the SHELL', 'FROM a\nSHELL ["a"]\nCMD b\n', 'SHELL ["a"]', 'LABEL a="b"'],
    ['a variable', 'FROM a\nENV V=a\nUSER $V\n', 'V=a', 'V=b'],
    ['a variable of a heredoc', 'FROM a\nENV V=a\nCOPY <<E /b\n$V\nE\n', 'V=a', 'V=b'],
    ['a variable that JSON hides', 'FROM a\nENV V=a\nVOLUME ["\\u0024V"]\n', 'V=a', 'V=b'],
    ['the name of a variable', 'FROM scratch\nARG V\nUSER $V\n', 'ARG V', 'ARG W'],
    ['the escape character', '# escape=\\\nFROM a\nRUN b `\nc\n', 'escape=\\', 'escape=`'],
    ['a comment that skips checks', 'FROM a\n# check=skip=all\nCMD b\n', 'skip', 'none'],
  ];
  for (const [what, text, from, to] of replacements) {
    test(`sees a change of ${what}`, () => {
      const changed = text.replace(from, () => to);
      const result = check(changed, { previous: check(text) });
      assert.deepEqual(said(result), said(check(changed)));
      assert.notDeepEqual(said(result), said(check(text)));
    });
  }

  test('does not hold what it replaced', async () => {
    let text = sample;
    let previous = check(text);
    const first = new WeakRef(previous.evaluation);
    for (let round = 0; round < 3; round++) {
      text += 'USER a\n';
      previous = check(text, { previous });
    }
    // A weak reference holds until the end of the turn that made it.
    await setImmediate();
    collectGarbage();
    assert.ok(first.deref() === undefined, 'the first evaluation is gone');
    assert.equal(previous.problems.length, check(text).problems.length);
  });

  test('does not hold the texts that its parts were read from', () => {
    const line = 'RUN a-command --that has arguments, so that it is long\n';
    const size = 4000;
    const used = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    let text = `FROM scratch\n${line.repeat(size)}`;
    let previous = check(text);
    const before = used();
    const rounds = 100;
    for (let round = 1; round <= rounds; round++) {
      const at = 'FROM scratch\n'.length + 2 * round * line.length + 'RUN '.length;
      text = `${text.slice(0, at)}x${text.slice(at + 1)}`;
      previous = check(text, { previous });
    }
    const grown = used() - before;
    assert.ok(grown < (rounds * text.length) / 3, `${grown} bytes are held`);
    assert.equal(previous.file.reads.length, size + 1);
  });

  test('keeps what stands before and behind the change as it is', () => {
    for (const [from, to] of [
      ['USER nobody', 'USER somebody\nUSER nobody'],
      ['EXPOSE 80', 'EXPOSE'],
      ['ARG TAG', '\n\nARG TAG'],
    ] as const) {
      const text = sample.replace(from, to);
      const before = parseTree(sample);
      const tree = parseTree(text, before);
      const kept = before.elements.filter(element => tree.elements.includes(element));
      assert.ok(kept.length > before.elements.length - 6, `${kept.length} elements are kept`);
      assert.deepEqual(tree, parseTree(text));
    }
  });

  test('is that of a check from nothing when what it follows on has been followed before', () => {
    const previous = check(sample);
    const first = `FROM a\n${sample}`;
    const second = sample.replace('RUN', 'USER a\nRUN');
    const result = check(first, { previous });
    assert.deepEqual(said(check(second, { previous })), said(check(second)));
    assert.deepEqual(said(result), said(check(first)));
  });
});

test('a change and the line starts behind it are those of the texts', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', '\r'), maxLength: 3000 }),
      edits,
      (first, list) => {
        let before = first;
        for (const one of list) {
          const after = applyEdit(before, one);
          const change = findChange(before, after);
          const { start: at, oldEnd, newEnd } = change;
          assert.equal(before.slice(0, at) + after.slice(at, newEnd) + before.slice(oldEnd), after);
          assert.deepEqual(changeLineStarts(findLineStarts(before), after, change), findLineStarts(after));
          before = after;
        }
      },
    ),
    { numRuns: 200 },
  );
});
