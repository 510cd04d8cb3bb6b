// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of shells
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foldingRanges } from '../../server/language/features/folding.ts';
import { hover } from '../../server/language/features/hover.ts';
import { rename } from '../../server/language/features/navigation.ts';
import { type SelectionRange, selectionRanges } from '../../server/language/features/selectionRanges.ts';
import type { TextEdit } from '../../server/language/features/types.ts';
import { check } from '../../server/language/lint/check.ts';
import { applyEdits, marked, textOf } from './marked.ts';

describe('selection ranges', () => {
  /** The texts of the ranges, the smallest first. */
  function grown(written: string): string[] {
    const { text, result, position } = marked(written);
    const texts: string[] = [];
    let range: SelectionRange | undefined = selectionRanges(result, [position])[0];
    for (; range; range = range.parent) texts.push(textOf(text, range.range));
    return texts;
  }

  test('grow in the shell from a word to its command, its list, the instruction and the stage', () => {
    assert.deepEqual(
      grown('# c\nFROM a\nRUN apt-get update && apt-get in|stall x | tee y; z\nUSER b\nFROM c'),
      [
        'install',
        'apt-get install x',
        'apt-get install x | tee y',
        'apt-get update && apt-get install x | tee y',
        'apt-get update && apt-get install x | tee y; z',
        'RUN apt-get update && apt-get install x | tee y; z',
        'FROM a\nRUN apt-get update && apt-get install x | tee y; z\nUSER b',
        '# c\nFROM a\nRUN apt-get update && apt-get install x | tee y; z\nUSER b\nFROM c',
      ],
    );
  });

  test('know quotes, expansions and structures, over lines', () => {
    assert.deepEqual(grown('FROM a\nRUN if [ -f "$(cat x \\\n  |y)" ]; then z; fi\n').slice(0, 7), [
      'y',
      'cat x \\\n  y',
      '$(cat x \\\n  y)',
      '"$(cat x \\\n  y)"',
      '[ -f "$(cat x \\\n  y)" ]',
      'if [ -f "$(cat x \\\n  y)" ]; then z; fi',
      'RUN if [ -f "$(cat x \\\n  y)" ]; then z; fi',
    ]);
    assert.deepEqual(grown("FROM a\nRUN echo 'b c|'").slice(0, 3), ['b c', "'b c'", "echo 'b c'"]);
  });

  test('know the bodies of heredocs', () => {
    assert.deepEqual(grown('FROM a\nRUN <<E\nfor i in 1; do\n  l|s -l\ndone\nE\n').slice(0, 5), [
      'ls',
      'ls -l',
      'for i in 1; do\n  ls -l\ndone',
      'for i in 1; do\n  ls -l\ndone\n',
      'for i in 1; do\n  ls -l\ndone\nE',
    ]);
  });

  test('know flags, their fields, and the arguments of instructions', () => {
    assert.deepEqual(grown('FROM a\nRUN --mount=type=cache,target=/|x ls').slice(0, 5), [
      '/x',
      'target=/x',
      'type=cache,target=/x',
      '--mount=type=cache,target=/x',
      'RUN --mount=type=cache,target=/x ls',
    ]);
    assert.deepEqual(grown('FROM a\nENV A=|b C=d').slice(0, 4), ['b', 'A=b', 'A=b C=d', 'ENV A=b C=d']);
    assert.deepEqual(grown('FROM a\nCMD ["|a", "b"]').slice(0, 3), ['a', '"a"', '["a", "b"]']);
    assert.deepEqual(grown('FROM a\nONBUILD RUN l|s').slice(0, 3), ['ls', 'RUN ls', 'ONBUILD RUN ls']);
  });

  test('are asked for several places, of which none may be in an instruction', () => {
    const { file } = check('\nFROM a\n');
    const places = [0, 1].map(line => ({ line, character: 0 }));
    assert.equal(selectionRanges(check(file.tree.text), places).length, 2);
  });
});

describe('folding of the shell', () => {
  const folds = (text: string): string[] =>
    foldingRanges(check(text)).map(({ startLine, endLine }) => `${startLine}-${endLine}`);

  test('has structures, functions and groups over lines', () => {
    const text =
      'FROM a\nRUN set -e; \\\n  if a; then \\\n    b; \\\n    c; \\\n  fi; \\\n  d\nRUN <<E\nf() {\n  case x in\n    a)\n      b\n      ;;\n  esac\n}\nE\n';
    assert.ok(folds(text).includes('2-4'));
    for (const fold of ['8-13', '9-12', '10-11']) assert.ok(folds(text).includes(fold), fold);
  });

  test('moves with the instruction', () => {
    const text = 'FROM a\nRUN <<E\nif a; then\n  b\n  c\nfi\nE\n';
    const before = check(text);
    foldingRanges(before);
    const after = check(`# x\n\n${text}`, { previous: before });
    assert.deepEqual(foldingRanges(after), foldingRanges(check(`# x\n\n${text}`)));
    assert.ok(foldingRanges(after).some(({ startLine, endLine }) => startLine === 4 && endLine === 6));
  });

  test('has nothing of what is half-typed or on one line', () => {
    assert.deepEqual(folds('FROM a\nRUN for i in 1; do a; done\n'), ['0-1']);
    assert.deepEqual(folds('FROM a\nRUN for i in 1; do\n'), ['0-1']);
  });
});

describe('variables of the shell', () => {
  /** The file after the variable at the mark is called N. */
  function renamed(written: string): string {
    const { text, result, position } = marked(written);
    const { edits, problem } = rename(result, position, 'N') as { edits: TextEdit[]; problem?: string };
    assert.equal(problem, undefined);
    return applyEdits(text, edits);
  }

  test('are those of the file in a script with a quoted end, but for what the shell leaves', () => {
    assert.equal(
      renamed(
        "FROM a\nENV |A=1\nRUN <<'E'\n# don't\necho $A ${A:-x} '$A' \\$A \"$A\" $((A+1)) <<F\n$A\nF\nE\n",
      ),
      "FROM a\nENV N=1\nRUN <<'E'\n# don't\necho $N ${N:-x} '$A' \\$A \"$N\" $((N+1)) <<F\n$N\nF\nE\n",
    );
    assert.equal(
      renamed('FROM a\nENV |A=1\nRUN <<-E\n\tls $A\n\tE\n'),
      'FROM a\nENV N=1\nRUN <<-E\n\tls $N\n\tE\n',
    );
  });

  test('are its own behind the place where it sets them', () => {
    assert.equal(
      renamed('FROM a\nENV |A=1\nRUN A=$A:2; ls $A\nRUN A=2 ls $A\nRUN for A in $A; do ls $A; done\n'),
      'FROM a\nENV N=1\nRUN A=$N:2; ls $A\nRUN A=2 ls $N\nRUN for A in $N; do ls $A; done\n',
    );
    assert.equal(
      renamed('FROM a\nENV |A=1\nRUN <<E\nls $A\nexport A=2\nread B\nls $A $B\nE\n'),
      'FROM a\nENV N=1\nRUN <<E\nls $N\nexport A=2\nread B\nls $A $B\nE\n',
    );
  });

  test('are none in the script of another language', () => {
    assert.equal(
      renamed('FROM a\nENV |A=1\nRUN <<E\n#!/usr/bin/env python3\nprint("$A")\nE\nRUN ls $A'),
      'FROM a\nENV N=1\nRUN <<E\n#!/usr/bin/env python3\nprint("$A")\nE\nRUN ls $N',
    );
  });

  test('are explained in a script', () => {
    const { result, position } = marked("FROM a\nARG V=1.2\nRUN <<'E'\nget $|V\nE\n");
    assert.match(hover(result, position)?.contents.value ?? '', /1\.2/);
  });
});
