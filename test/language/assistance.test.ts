// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextLinks, documentLinks } from '../../server/language/features/documentLinks.ts';
import { foldingRanges } from '../../server/language/features/folding.ts';
import { hover } from '../../server/language/features/hover.ts';
import { inlayHints } from '../../server/language/features/inlayHints.ts';
import { linkedEditingRanges } from '../../server/language/features/linkedEditing.ts';
import { formatOnType } from '../../server/language/features/onType.ts';
import type { LocalImage } from '../../server/language/features/sources.ts';
import { matchesQuery, namedSymbols } from '../../server/language/features/workspaceSymbols.ts';
import { check } from '../../server/language/lint/check.ts';
import { applyEdits, marked, textOf } from './marked.ts';

describe('links', () => {
  const linksOf = (text: string) =>
    documentLinks(check(text)).map(({ range, target }) => [textOf(text, range), target]);

  test('lead from an image to the page of its registry', () => {
    assert.deepEqual(linksOf('FROM alpine:3 AS a\nFROM team/app@sha256:x\nFROM scratch\nFROM a\n'), [
      ['alpine', 'https://hub.docker.com/_/alpine/'],
    ]);
    assert.deepEqual(
      linksOf('FROM ghcr.io/a/b:1\nCOPY --from=quay.io/c/d:2 x y\nRUN --mount=from=team/app z'),
      [
        ['ghcr.io/a/b', 'https://github.com/a/b/pkgs/container/b'],
        ['quay.io/c/d', 'https://quay.io/repository/c/d'],
        ['team/app', 'https://hub.docker.com/r/team/app/'],
      ],
    );
    assert.deepEqual(linksOf('# syntax=docker/dockerfile:1\nFROM host:5000/x'), [
      ['docker/dockerfile', 'https://hub.docker.com/r/docker/dockerfile/'],
    ]);
    assert.deepEqual(
      linksOf('ARG T\nFROM alpine:$T\nFROM a AS b\nCOPY --from=0 x y').map(([text]) => text),
      ['a'],
    );
  });

  test('lead to what ADD downloads', () => {
    assert.deepEqual(linksOf('FROM scratch\nADD https://example.com/x.tgz $U /'), [
      ['https://example.com/x.tgz', 'https://example.com/x.tgz'],
    ]);
  });

  test('name the files of the context', () => {
    const text =
      'FROM a\nCOPY package.json src/*.go $X . /app\nCOPY --from=b file /\nADD https://x/y z.tar /\nRUN --mount=type=bind,source=go.mod,target=/m x\nRUN --mount=type=cache,source=q,target=/c x';
    assert.deepEqual(
      contextLinks(check(text)).map(({ path, range }) => [path, textOf(text, range)]),
      [
        ['package.json', 'package.json'],
        ['z.tar', 'z.tar'],
        ['go.mod', 'go.mod'],
      ],
    );
  });
});

describe('formatting while typing', () => {
  function typed(written: string, character: string, options = { tabSize: 4, insertSpaces: true }): string {
    const { result, position, text } = marked(written);
    return applyEdits(text, formatOnType(result, { position, character, options }));
  }

  test('indents the line behind a continuation', () => {
    assert.equal(typed('FROM a\nEXPOSE 80 \\|\n81\n', '\\'), 'FROM a\nEXPOSE 80 \\\n    81\n');
    assert.equal(typed('FROM a\nRUN a \\\n|\n', '\n'), 'FROM a\nRUN a \\\n    \n');
    const tab = { tabSize: 4, insertSpaces: false };
    assert.equal(typed('# escape=`\nFROM a\nRUN a `|\nb\n', '`', tab), '# escape=`\nFROM a\nRUN a `\n\tb\n');
  });

  test('goes on as the continued line before', () => {
    assert.equal(typed('FROM a\nRUN a \\\n  b \\\n|\n', '\n'), 'FROM a\nRUN a \\\n  b \\\n  \n');
  });

  test('leaves everything else alone', () => {
    for (const [text, character] of [
      ['FROM a\nRUN a \\\n  |b\n', '\n'],
      ['FROM a\n|\n', '\n'],
      ['FROM a\nRUN echo "x \\|\ny"\n', '\\'],
      ['FROM a\nRUN <<E\na \\\n|\nE\n', '\n'],
      ['FROM a\nRUN a \\\n# b \\|\nc\n', '`'],
      ['FROM a\nRUN a \\|\n\n', '\\'],
      ['FROM a\nRUN a \\|', '\\'],
    ] as const) {
      assert.equal(typed(text, character), text.replace('|', ''));
    }
  });
});

describe('inlay hints', () => {
  const hintsOf = (text: string, from = 0, to = 99) =>
    inlayHints(check(text), {
      start: { line: from, character: 0 },
      end: { line: to, character: 0 },
    }).map(({ position, label, kind }) => `${position.line}:${position.character} ${label} ${kind}`);

  test('number stages when there are several', () => {
    assert.deepEqual(hintsOf('FROM a\nFROM b AS c'), ['0:6 stage 0 2', '1:11 stage 1 2']);
    assert.deepEqual(hintsOf('FROM a'), []);
  });

  test('tell values behind variables', () => {
    const text = 'ARG V=1\nFROM a:$V\nENV A=x\nRUN echo ${A} $B\n';
    assert.deepEqual(hintsOf(text), ['1:9 = 1 1', '3:13 = x 1']);
    assert.deepEqual(hintsOf(text, 2), ['3:13 = x 1']);
    const [hint] = hintsOf(`FROM a\nENV A=${'x'.repeat(99)}\nRUN $A`);
    assert.ok(hint?.includes('x…'));
  });
});

describe('linked editing', () => {
  const rangesOf = (written: string) => {
    const { result, position, text } = marked(written);
    return linkedEditingRanges(result, position)?.ranges.map(range => textOf(text, range));
  };

  test('edits all places of a stage that are written alike', () => {
    assert.deepEqual(rangesOf('FROM a AS o|ne\nFROM one\nCOPY --from=ONE x y\nCOPY --from=0 x y'), [
      'one',
      'one',
    ]);
    assert.equal(rangesOf('FROM a AS o|ne'), undefined);
    assert.equal(rangesOf('FROM a\nENV A=1\nRUN $|A'), undefined);
  });
});

describe('symbols of the workspace', () => {
  test('are stages and arguments', () => {
    const text = 'ARG V\nFROM a AS one\nARG V=1\nARG W\nFROM b\n';
    assert.deepEqual(
      namedSymbols(check(text)).map(({ name, range }) => [name, textOf(text, range)]),
      [
        ['one', 'one'],
        ['V', 'V'],
        ['W', 'W'],
      ],
    );
  });

  test('match letters in their order', () => {
    assert.ok(matchesQuery('build-web', 'bWeb') && matchesQuery('x', '') && !matchesQuery('build', 'db'));
  });
});

describe('hover about images', () => {
  const digest = `sha256:${'d'.repeat(64)}`;
  const image: LocalImage = {
    names: ['alpine:3'],
    digests: [`alpine@${digest}`],
    id: `sha256:${'1'.repeat(64)}`,
    platform: 'linux/arm64',
    size: 7_654_321,
    createdAt: '2026-01-02T03:04:05Z',
    env: [],
    user: 'app',
    workdir: '/w',
    ports: ['80/tcp'],
    hasShell: false,
    onbuild: ['RUN x'],
  };
  const explain = (written: string): string => {
    const { result, position } = marked(written);
    return hover(result, position, { images: () => [image] })?.contents.value ?? '';
  };

  test('tells what the store has', () => {
    const text = explain('FROM al|pine:3');
    for (const part of [
      digest,
      image.id,
      'linux/arm64',
      '7.65MB',
      '2026-01-02',
      '`app`',
      '`/w`',
      '`80/tcp`',
    ]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    assert.ok(explain(`FROM alpine@${'|'}${digest}`).includes(image.id));
    assert.ok(!explain('FROM al|pine:4').includes('In the store'));
  });

  test('is there for sources too', () => {
    assert.match(explain('FROM a\nCOPY --from=al|pine:3 x y'), /In the store/);
    assert.match(explain('FROM a\nRUN --mount=from=al|pine:3,target=/x y'), /In the store/);
  });

  test('shows the line with its values', () => {
    assert.match(explain('FROM a\nARG D=/x\nCO|PY "$D/y" ${U} /z'), /Here:.*COPY "\/x\/y" \$\{U\} \/z/s);
    assert.doesNotMatch(explain('FROM a\nCO|PY a b'), /Here:/);
  });
});

test('only so many folds are given as the client can take', () => {
  const text = 'FROM a\nRUN x \\\n y\nFROM b\nRUN x \\\n y\n';
  assert.equal(foldingRanges(check(text)).length, 4);
  assert.deepEqual(
    foldingRanges(check(text), { limit: 2 }).map(({ startLine }) => startLine),
    [0, 1],
  );
});
