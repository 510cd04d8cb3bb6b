import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatting } from '../../server/language/features/formatting.ts';
import { check } from '../../server/language/lint/check.ts';
import type { Range } from '../../server/language/syntax/position.ts';
import { applyEdits } from './marked.ts';

const format = (text: string, range?: Range): string => applyEdits(text, formatting(check(text), range));

test('blanks go where they mean nothing', () => {
  assert.equal(
    format('  FROM   a  \n\tCOPY  --link\t --from=b   c d\n'),
    'FROM a\nCOPY --link --from=b c d\n',
  );
  assert.equal(format('FROM a\n   # comment  \n   \nUSER b\n'), 'FROM a\n# comment\n\nUSER b\n');
  assert.equal(format('FROM a\nONBUILD   RUN   x\n'), 'FROM a\nONBUILD RUN x\n');
});

test('commands, their indentation and heredocs stay', () => {
  const text = 'FROM a\nRUN a  b \\\n      && c \\\n\t&& d\nRUN <<E\n   x  \n\nE\n';
  assert.equal(format(text), text);
});

test('blanks behind a continuation go', () => {
  assert.equal(format('FROM a\nRUN a \\  \n  b  \n'), 'FROM a\nRUN a \\\n  b\n');
});

test('the file ends with one line end', () => {
  assert.equal(format('FROM a'), 'FROM a\n');
  assert.equal(format('FROM a\n\n  \n\n'), 'FROM a\n');
  assert.equal(format('FROM a\r\nUSER b'), 'FROM a\r\nUSER b\r\n');
  assert.equal(format(''), '');
});

test('blanks that keep a line from going on stay', () => {
  const text = '# escape=`\nFROM a\nRUN dir C:\\`` \nUSER b\n';
  assert.equal(format(text), '# escape=`\nFROM a\nRUN dir C:\\`` \nUSER b\n');
});

test('continued lines between words are indented', () => {
  assert.equal(
    format('FROM a\nENV A=1 \\\nB=2 \\\n# why\n  C="x \\\ny"\n'),
    'FROM a\nENV A=1 \\\n    B=2 \\\n  # why\n  C="x \\\ny"\n',
  );
  assert.equal(format('FROM a\nCOPY a \\\nb\\\nc /d\n'), 'FROM a\nCOPY a \\\n    b\\\nc /d\n');
  assert.equal(
    format('FROM a\nRUN --network=none \\\n--mount=type=ssh \\\nx \\\n&& y\n'),
    'FROM a\nRUN --network=none \\\n    --mount=type=ssh \\\n    x \\\n&& y\n',
  );
  const text = 'FROM a\nEXPOSE 1 \\\n2\n';
  const edits = formatting(check(text), undefined, { tabSize: 2, insertSpaces: false });
  assert.equal(applyEdits(text, edits), 'FROM a\nEXPOSE 1 \\\n\t2\n');
});

test('comments between continued lines stand as what they are above', () => {
  assert.equal(
    format('FROM a\nRUN a \\\n# one\n\n# two\n  b\n'),
    'FROM a\nRUN a \\\n  # one\n\n  # two\n  b\n',
  );
  assert.equal(format('FROM a\nENV A=1 \\\n# why\nB=2\n'), 'FROM a\nENV A=1 \\\n    # why\n    B=2\n');
  assert.equal(format('FROM a\nRUN a \\\n      # deep\n  b\n'), 'FROM a\nRUN a \\\n      # deep\n  b\n');
});

test('the end of the file is left alone when asked', () => {
  const text = 'FROM a\n USER b';
  const options = { tabSize: 4, insertSpaces: true, insertFinalNewline: false };
  assert.equal(applyEdits(text, formatting(check(text), undefined, options)), 'FROM a\nUSER b');
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } };
  assert.equal(format(text, range), 'FROM a\nUSER b');
  assert.equal(
    format(text, { ...range, start: { line: 0, character: 0 }, end: { line: 9, character: 0 } }),
    'FROM a\nUSER b\n',
  );
});

test('blanks in a quote that is not closed stay', () => {
  assert.equal(format('FROM a\nRUN --mount="x \n'), 'FROM a\nRUN --mount="x \n');
});

test('a blank that is the value of a directive stays', () => {
  assert.equal(format('# escape= \nFROM a\n'), '# escape= \nFROM a\n');
  assert.equal(format('# escape=`  \nFROM a\n'), '# escape=`\nFROM a\n');
});

test('only the lines of a range are touched', () => {
  const range = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
  assert.equal(format(' FROM a\n USER b\n USER c\n', range), ' FROM a\nUSER b\n USER c\n');
});

test('carriage returns within a line are blanks at its end', () => {
  assert.equal(format('FROM a\n# b \r \r \nUSER c\n'), 'FROM a\n# b\nUSER c\n');
  assert.equal(format('\\\n\r'), '\\\n\n');
});

test('a byte order mark in the middle does not become the first character', () => {
  assert.equal(format(' \uFEFFFROM a\n'), ' \uFEFFFROM a\n');
});
