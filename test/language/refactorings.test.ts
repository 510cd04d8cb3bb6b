// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refactorings } from '../../server/language/features/refactorings/refactorings.ts';
import type { CodeAction } from '../../server/language/features/types.ts';
import { check } from '../../server/language/lint/check.ts';
import { toPosition } from '../../server/language/syntax/position.ts';
import { applyEdits } from './marked.ts';

/** The text without its `¦`, of which there is one for a cursor and two for a selection, and what is offered there. */
function offered(written: string): { readonly text: string; readonly actions: CodeAction[] } {
  const [before = '', selected = '', after] = written.split('¦');
  const text = before + selected + (after ?? '');
  const result = check(text);
  const start = toPosition(result.file.tree, before.length);
  const end = toPosition(result.file.tree, before.length + (after === undefined ? 0 : selected.length));
  return { text, actions: refactorings(result, { start, end }) };
}

/** The text after the action whose title begins so; undefined when it is not offered. */
function refactored(written: string, title: string): string | undefined {
  const { text, actions } = offered(written);
  const action = actions.find(one => one.title.startsWith(title));
  return action && applyEdits(text, action.edits);
}

describe('extract to ARG', () => {
  const extract = (written: string) => refactored(written, 'Extract to ');

  test('makes a global argument of an image or a tag', () => {
    assert.equal(
      extract('# c\nFROM node:¦20-alpine'),
      'ARG NODE_VERSION=20-alpine\n# c\nFROM node:$NODE_VERSION',
    );
    assert.equal(
      extract('FROM a AS x\nFROM node:¦20¦-slim\n'),
      'ARG NODE_VERSION=20\nFROM a AS x\nFROM node:$NODE_VERSION-slim\n',
    );
    assert.equal(extract('from ¦node:20¦\n'), 'arg BASE_IMAGE=node:20\nfrom $BASE_IMAGE\n');
    assert.equal(
      extract('FROM --platform=¦linux/amd64¦ a'),
      'ARG PLATFORM=linux/amd64\nFROM --platform=$PLATFORM a',
    );
  });

  test('makes an argument of the stage for other instructions', () => {
    assert.equal(
      extract('FROM a\n# get it\nRUN curl -O https://x/tool-1¦.2.3.tgz\n'),
      'FROM a\nARG TOOL_VERSION=1.2.3\n# get it\nRUN curl -O https://x/tool-$TOOL_VERSION.tgz\n',
    );
    assert.equal(
      extract('FROM a\nENV GO_VERSION=¦1.2¦'),
      'FROM a\nARG GO_VERSION=1.2\nENV GO_VERSION=$GO_VERSION',
    );
    assert.equal(
      extract('FROM a\nARG VERSION\nRUN x "¦a¦b"'),
      'FROM a\nARG VERSION\nARG VALUE=a\nRUN x "${VALUE}b"',
    );
    assert.equal(
      extract('FROM a\r\nARG VALUE\r\nRUN x ¦a¦\r\n'),
      'FROM a\r\nARG VALUE\r\nARG VALUE_2=a\r\nRUN x $VALUE_2\r\n',
    );
  });

  test('is not offered where no variable is replaced', () => {
    for (const text of [
      "FROM a\nRUN x 'y ¦z¦'",
      'FROM a\nRUN ["x", "¦z¦"]',
      'FROM a\nCMD x ¦z¦',
      'FROM a\nENV ¦A¦=1',
      "FROM a\nRUN cat <<'E'\n¦z¦\nE",
      'FROM a AS ¦b¦',
      'FROM a\nCOPY --from=¦b¦ c d',
      'FROM a\nRUN x ¦$y¦',
      'FROM a\nRUN x ¦y z¦',
      'FROM a\n¦RUN¦ x',
    ])
      assert.equal(extract(text), undefined, text);
  });
});

describe('merge of RUN instructions', () => {
  const merge = (written: string) => refactored(written, 'Merge');

  test('keeps continuations, comments and flags', () => {
    assert.equal(
      merge('FROM a\nRUN --mount=type=ssh a¦ \\\n    b\n\n# then\nRUN --mount=type=ssh c\nRUN d\n'),
      'FROM a\nRUN --mount=type=ssh a \\\n    b \\\n# then\n    && c\nRUN d\n',
    );
    assert.equal(
      merge('# escape=`\r\nFROM a\r\nRUN ¦a\r\nRUN b\r\nRUN c¦\r\n'),
      '# escape=`\r\nFROM a\r\nRUN a `\r\n    && b `\r\n    && c\r\n',
    );
  });

  test('keeps what runs when', () => {
    assert.equal(merge('FROM a\nRUN ¦a; b\nRUN c || d\n'), 'FROM a\nRUN a; b \\\n    && { c || d; }\n');
    assert.equal(merge('FROM a\nRUN ¦a || b\nRUN c; d\n'), 'FROM a\nRUN a || b \\\n    && { c; d; }\n');
  });

  test('keeps the folder and the variables of a new shell', () => {
    assert.equal(merge('FROM a\nRUN ¦cd x && b\nRUN c\n'), 'FROM a\nRUN (cd x && b) \\\n    && c\n');
    assert.equal(merge('FROM a\nRUN ¦A=1; b\nRUN c\n'), 'FROM a\nRUN (A=1; b) \\\n    && c\n');
    assert.equal(merge('FROM a\nRUN ¦(cd x; b)\nRUN cd y\n'), 'FROM a\nRUN (cd x; b) \\\n    && cd y\n');
  });

  test('goes on line by line behind set -e', () => {
    assert.equal(
      merge('FROM a\nRUN ¦set -eux; a; b\nRUN c; d\n'),
      'FROM a\nRUN set -eux; a; b; \\\n    c; d\n',
    );
    assert.equal(merge('FROM a\nRUN ¦set -e; cd x; b\nRUN c\n'), undefined);
    assert.equal(merge('FROM a\nRUN ¦b\nRUN set -e; c\n'), undefined);
  });

  test('is not offered where it would change something', () => {
    for (const text of [
      'FROM a\nRUN ¦a\nUSER b\nRUN c',
      'FROM a\nRUN --network=none ¦a\nRUN c',
      'FROM a\nRUN ¦["a"]\nRUN c',
      'FROM a\nRUN ¦a &\nRUN c',
      'FROM a\nRUN ¦a # b\nRUN c',
      'FROM a\nRUN ¦a\n# hadolint ignore=DL1\nRUN c',
      'FROM a\nRUN ¦if a\nRUN c',
      'FROM a\nRUN ¦<<E\nE\nRUN c',
      'FROM a\nSHELL ["pwsh"]\nRUN ¦a\nRUN b',
      'FROM a\nRUN ¦a',
    ])
      assert.equal(merge(text), undefined, text);
  });
});

describe('sort of packages', () => {
  const sort = (written: string) => refactored(written, 'Sort packages');

  test('moves lines with the comments above them', () => {
    assert.equal(
      sort(
        'FROM a\nRUN apt-get update && apt-get install -y --no-install-recommends \\\n    # for z\n    # really\n    zlib¦1g-dev \\\n  curl=7.* \\\n    Abc \\\n  && rm -rf /x\n',
      ),
      'FROM a\nRUN apt-get update && apt-get install -y --no-install-recommends \\\n    Abc \\\n  curl=7.* \\\n    # for z\n    # really\n    zlib1g-dev \\\n  && rm -rf /x\n',
    );
  });

  test('keeps what is on the line of the command, and the end of the list', () => {
    assert.equal(
      sort('FROM a\nRUN apk add x \\\n    c d \\\n    "b>1"¦; \\\n    e\n'),
      'FROM a\nRUN apk add x \\\n    "b>1" \\\n    c d; \\\n    e\n',
    );
    assert.equal(
      sort('FROM a\nRUN pip install \\\n  b¦\\\n  a\n'),
      'FROM a\nRUN pip install \\\n  a\\\n  b\n',
    );
    assert.equal(sort('FROM a\nRUN pip install \\\n  b¦\\\na \\\n  a\n'), undefined);
    assert.equal(
      sort('FROM a\nRUN pip install \\\n  b¦ \\\n  a\n'),
      'FROM a\nRUN pip install \\\n  a \\\n  b\n',
    );
  });

  test('is not offered for what is in order, is no list, or is something else', () => {
    for (const text of [
      'FROM a\nRUN apk add \\\n  ¦a \\\n  b\n',
      'FROM a\nRUN apk add ¦b a\n',
      'FROM a\nRUN echo \\\n  ¦b \\\n  a\n',
      'FROM a\nRUN apk add \\\n  ¦b \\\n  -t x \\\n  a\n',
      'FROM a\nRUN apk add \\\n  b \\\n  a && \\\n  ¦x\n',
    ])
      assert.equal(sort(text), undefined, text);
  });
});

describe('conversion of the form', () => {
  const exec = (written: string) => refactored(written, 'Convert to exec form');
  const shell = (written: string) => refactored(written, 'Convert to shell form');

  test('starts a plain command by itself and gives the rest to the shell', () => {
    assert.equal(exec('FROM a\nCMD ¦nginx -g "daemon off;"'), 'FROM a\nCMD ["nginx", "-g", "daemon off;"]');
    assert.equal(exec('FROM a\nCMD ¦a $B'), 'FROM a\nCMD ["/bin/sh", "-c", "a $B"]');
    assert.equal(exec('FROM a\nRUN ¦a \\\n  b'), 'FROM a\nRUN ["a", "b"]');
    assert.equal(
      exec('FROM a\nRUN --network=none ¦a && b'),
      'FROM a\nRUN --network=none ["/bin/sh", "-c", "a && b"]',
    );
    assert.equal(exec('FROM a\nHEALTHCHECK CMD ¦a *'), 'FROM a\nHEALTHCHECK CMD ["/bin/sh", "-c", "a *"]');
    const bash = 'FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\n';
    assert.equal(
      exec(`${bash}ENTRYPOINT ¦a > b`),
      `${bash}ENTRYPOINT ["/bin/bash", "-o", "pipefail", "-c", "a > b"]`,
    );
    assert.equal(exec('FROM a\nCMD ¦exec a'), 'FROM a\nCMD ["/bin/sh", "-c", "exec a"]');
  });

  test('quotes words for the shell, and leaves out the shell itself', () => {
    assert.equal(shell('FROM a\nCMD ¦["a", "b c", "$D", "it\'s"]'), "FROM a\nCMD a 'b c' '$D' 'it'\\''s'");
    assert.equal(shell('FROM a\nRUN ¦["/bin/sh", "-c", "a && b"]'), 'FROM a\nRUN a && b');
    assert.equal(shell('FROM a\nRUN ¦["/bin/bash", "-c", "a"]'), 'FROM a\nRUN /bin/bash -c a');
    assert.equal(shell('FROM a\nHEALTHCHECK CMD ¦["a"]'), 'FROM a\nHEALTHCHECK CMD a');
  });

  test('is not offered where the shell is not known, or the words need lines', () => {
    assert.equal(exec('FROM a\nSHELL ["pwsh"]\nRUN ¦a'), undefined);
    assert.equal(shell('FROM a\nSHELL ["pwsh"]\nRUN ¦["a"]'), undefined);
    assert.equal(exec('FROM a\nRUN ¦<<E\na\nE'), undefined);
    assert.equal(shell('FROM a\nRUN ¦["a", "b\\nc"]'), undefined);
    assert.equal(exec('FROM a\nRUN ¦a "b'), undefined);
    assert.equal(shell('FROM a\nCMD ¦["--help"]'), undefined);
    for (const text of ['FROM a\nENTRYPOINT ["x"]\nCMD ¦["a"]', 'FROM a\nENTRYPOINT ["x"]\nCMD ¦a']) {
      assert.deepEqual([exec(text), shell(text)], [undefined, undefined]);
    }
    assert.equal(shell('FROM a\nVOLUME ¦["/a"]'), undefined);
  });
});
