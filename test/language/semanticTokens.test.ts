// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of shells
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { semanticTokens, tokenTypes } from '../../server/language/features/semanticTokens.ts';
import { tokensEdits } from '../../server/language/features/tokenEncoder.ts';
import { check } from '../../server/language/lint/check.ts';
import { textOf } from './marked.ts';

describe('semantic tokens', () => {
  /** Type and text of each token. */
  function tokens(text: string, range?: Parameters<typeof semanticTokens>[1]): string[] {
    const data = semanticTokens(check(text), range);
    const found: string[] = [];
    let line = 0;
    let character = 0;
    for (let at = 0; at < data.length; at += 5) {
      const [lines = 0, characters = 0, length = 0, type = 0] = data.slice(at);
      character = lines > 0 ? characters : character + characters;
      line += lines;
      const start = { line, character };
      const token = textOf(text, { start, end: { line, character: character + length } });
      found.push(`${tokenTypes[type]} ${token}`);
    }
    return found;
  }

  test('colour keywords, flags, names and variables', () => {
    assert.deepEqual(tokens('# syntax=x\nARG V=1\nFROM a:$V AS b\n'), [
      'macro syntax',
      'string x',
      'keyword ARG',
      'variable V',
      'keyword FROM',
      'namespace a:$V',
      'keyword AS',
      'class b',
    ]);
    assert.deepEqual(tokens('FROM a AS b\nFROM b\nCOPY --from=b "$X" y'), [
      'keyword FROM',
      'namespace a',
      'keyword AS',
      'class b',
      'keyword FROM',
      'class b',
      'keyword COPY',
      'parameter --from',
      'class b',
      'variable X',
    ]);
  });

  test('are on one line each', () => {
    assert.deepEqual(tokens('RUN --mount=type=cache,\\\ntarget=/x a \\\n# c\n $B <<E\n$C\nE\n'), [
      'keyword RUN',
      'parameter --mount',
      'function a',
      'comment # c',
      'variable B',
      'operator <<',
      'label E',
      'variable C',
      'label E',
    ]);
  });

  test('colour the shell in its continued lines', () => {
    const text =
      'FROM a\nRUN set -e; \\\n  # why\n  if [ -f "$X/y" ]; then \\\n A=1 apt-get install --root=/x \'y\' >/dev/null 2>&1 | tee $(date) \\\n; fi # end';
    assert.deepEqual(tokens(text).slice(2), [
      'keyword RUN',
      'function set',
      'parameter -e',
      'operator ;',
      'comment # why',
      'keyword if',
      'function [',
      'parameter -f',
      'string "',
      'variable X',
      'string /y"',
      'operator ;',
      'keyword then',
      'variable A',
      'operator =',
      'function apt-get',
      'parameter --root',
      "string 'y'",
      'operator >',
      'operator 2>&',
      'operator |',
      'function tee',
      'operator $(',
      'function date',
      'operator )',
      'operator ;',
      'keyword fi',
      'comment # end',
    ]);
  });

  test('colour structures, functions and what is expanded', () => {
    const text =
      'FROM a\nRUN f() { x; }; for i in 1 "${A:-b}"; do case $i in a|b) [[ 1 == $((2+B)) ]];; esac; done';
    assert.deepEqual(tokens(text).slice(3), [
      'function f',
      'operator (',
      'operator )',
      'keyword {',
      'function x',
      'operator ;',
      'keyword }',
      'operator ;',
      'keyword for',
      'variable i',
      'keyword in',
      'string "',
      'variable A',
      'operator :-',
      'string "',
      'operator ;',
      'keyword do',
      'keyword case',
      'variable i',
      'keyword in',
      'operator |',
      'operator )',
      'operator [[',
      'operator ==',
      'operator $((',
      'number 2',
      'operator +',
      'variable B',
      'operator ))',
      'operator ]]',
      'operator ;;',
      'keyword esac',
      'operator ;',
      'keyword done',
    ]);
  });

  test('colour heredocs that a shell reads and leave others as they are', () => {
    assert.deepEqual(tokens('FROM a\nRUN <<-E\n\tls -l\n\tE\n').slice(2), [
      'keyword RUN',
      'label <<-E',
      'function ls',
      'parameter -l',
      'label \tE',
    ]);
    const inner = "FROM a\nRUN bash -e <<'B' && python3 <<'P'\nls $X\nB\nif x: print(1) # y\nP\n";
    assert.deepEqual(tokens(inner).slice(3), [
      'function bash',
      'parameter -e',
      'operator <<',
      "label 'B'",
      'operator &&',
      'function python3',
      'operator <<',
      "label 'P'",
      'function ls',
      'variable X',
      'label B',
      'label P',
    ]);
    assert.deepEqual(tokens('FROM a\nRUN <<E\n#!/usr/bin/env python3\nif x: y\nE\n').slice(3), [
      'label <<E',
      'label E',
    ]);
    const pwsh = tokens('FROM a\nSHELL ["pwsh", "-c"]\nRUN if ($x) { y -z }');
    assert.deepEqual(pwsh.slice(-2), ['keyword RUN', 'variable x']);
  });

  test('stay the same for what an edit moves, and follow the shell of the stage', () => {
    for (const text of ['\n\nFROM a\nRUN x\nRUN ls -a\n', 'FROM a\nSHELL ["pwsh"]\nRUN ls -l\nRUN ls -a\n']) {
      const before = check('FROM a\nRUN ls -l\nRUN ls -a\n');
      semanticTokens(before);
      const edited = check(text, { previous: before });
      assert.deepEqual(semanticTokens(edited), semanticTokens(check(text)));
    }
  });

  test('change by the piece that differs', () => {
    assert.deepEqual(tokensEdits([1, 2, 3], [1, 2, 3]), []);
    assert.deepEqual(tokensEdits([1, 2, 3], [1, 9, 8, 3]), [{ start: 1, deleteCount: 1, data: [9, 8] }]);
    assert.deepEqual(tokensEdits([1, 1], [1, 1, 1]), [{ start: 2, deleteCount: 0, data: [1] }]);
    assert.deepEqual(tokensEdits([1, 2], []), [{ start: 0, deleteCount: 2, data: [] }]);
  });

  test('can be asked for by range', () => {
    const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 4 } };
    assert.deepEqual(tokens('FROM a\nUSER b\nUSER c', range), ['keyword USER']);
  });
});
