// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { processWord, processWords } from '../../server/language/shell/word.ts';

const env = new Map([
  ['A', 'value'],
  ['EMPTY', ''],
  ['PATHS', '/usr/lib/a.tar.gz'],
  ['WORDS', 'one  two'],
  ['STAR', 'a*c'],
]);

const expand = (word: string): string => processWord(word, { env }).text;

function message(word: string): string {
  try {
    processWord(word, { env });
  } catch (error) {
    assert.ok(isSampanError(error, 'dockerfile-invalid'));
    return error.message;
  }
  throw new assert.AssertionError({ message: `${word} was accepted` });
}

function check(cases: readonly (readonly [word: string, expected: string])[]): void {
  for (const [word, expected] of cases) assert.equal(expand(word), expected, word);
}

describe('quotes and escapes', () => {
  test('quotes go, what they hold stays', () => {
    check([
      [`"a b"c`, 'a bc'],
      [`'$A'`, '$A'],
      [`"$A"`, 'value'],
      [`"it's"`, "it's"],
    ]);
  });

  test('the escape character takes the next one as it is', () => {
    check([
      ['\\$A', '$A'],
      ['\\"a', '"a'],
      ['a\\', 'a'],
    ]);
  });

  test('in double quotes only quote, dollar and escape can be escaped', () => {
    check([
      ['"\\$A"', '$A'],
      ['"\\n"', '\\n'],
      ['"\\\\"', '\\'],
    ]);
  });

  test('open quotes are refused', () => {
    assert.match(message('"a'), /double-quote/);
    assert.match(message("'a"), /single-quote/);
  });

  test('the escape character can be a backtick', () => {
    assert.equal(processWord('C:\\a`$A', { env, escapeToken: '`' }).text, 'C:\\a$A');
  });

  test('quotes and escapes can be kept', () => {
    assert.equal(processWord(`"$A"'b'`, { env, rawQuotes: true }).text, `"value"'b'`);
    assert.equal(processWord('\\$A', { env, rawEscapes: true }).text, '\\$A');
    assert.equal(processWord(`"it's $A"`, { env, skipProcessQuotes: true }).text, `"it's value"`);
  });
});

describe('variables', () => {
  test('names end where letters, digits and underscores do', () => {
    check([
      ['$A-b', 'value-b'],
      ['${A}b', 'valueb'],
      ['$Ab', ''],
      ['$1a', 'a'],
      ['a$', 'a$'],
      ['$$', ''],
    ]);
  });

  test('defaults and alternatives look at unset, with a colon also at empty', () => {
    check([
      ['${NONE:-x}', 'x'],
      ['${EMPTY:-x}', 'x'],
      ['${EMPTY-x}', ''],
      ['${A:+x}', 'x'],
      ['${EMPTY:+x}', ''],
      ['${EMPTY+x}', 'x'],
      ['${NONE:-${A}}', 'value'],
      ['${NONE:-"a b"}', 'a b'],
    ]);
  });

  test('a question mark refuses with its message', () => {
    assert.equal(expand('${A:?no}'), 'value');
    assert.match(message('${NONE:?give $A}'), /NONE: give value$/);
    assert.match(message('${NONE?}'), /is not allowed to be unset/);
    assert.match(message('${EMPTY:?}'), /is not allowed to be empty/);
  });

  test('beginnings and ends are cut, shortest or longest', () => {
    check([
      ['${PATHS#*/}', 'usr/lib/a.tar.gz'],
      ['${PATHS##*/}', 'a.tar.gz'],
      ['${PATHS%.*}', '/usr/lib/a.tar'],
      ['${PATHS%%.*}', '/usr/lib/a'],
      ['${PATHS#nothing}', '/usr/lib/a.tar.gz'],
      ['${STAR#a\\*}', 'c'],
      ['${A%?}', 'valu'],
    ]);
  });

  test('patterns are replaced, once or everywhere', () => {
    check([
      ['${A/a/o}', 'volue'],
      ['${PATHS/\\//-}', '-usr/lib/a.tar.gz'],
      ['${PATHS//\\//-}', '-usr-lib-a.tar.gz'],
      ['${A/*/x}', 'x'],
      ['${A/[a]/x}', 'value'],
    ]);
  });

  test('a pattern with many stars takes no time to speak of', () => {
    const long = new Map([['L', 'a'.repeat(5000)]]);
    const started = performance.now();
    assert.equal(processWord(`\${L#${'*a'.repeat(30)}b}`, { env: long }).text.length, 5000);
    assert.ok(performance.now() - started < 2000);
  });

  test('wrong expressions are refused', () => {
    for (const word of [
      '${',
      '${}',
      '${:a}',
      '${A',
      '${A:',
      '${A:=b}',
      '${A@}',
      '${A:#x}',
      '${A/b}',
      '${A#\\x}',
    ]) {
      assert.notEqual(message(word), '', word);
    }
  });

  test('the names that are used are told apart by whether they are set', () => {
    const { matched, unmatched } = processWord('$A ${B:-$C} $A', { env });
    assert.deepEqual([...matched], ['A']);
    assert.deepEqual([...unmatched], ['C', 'B']);
  });

  test('unset variables can be left as they are written', () => {
    const options = { env, skipUnsetEnv: true };
    assert.equal(processWord('$A $B ${C} ${D:-x}', options).text, 'value $B ${C} ${D:-x}');
  });
});

test('words are split at blanks behind the expansion, not in quotes', () => {
  assert.deepEqual(processWords('$WORDS "$WORDS" \'a b\'c ""', { env }), ['one', 'two', 'one  two', 'a bc']);
  assert.deepEqual(processWords('', { env }), []);
});

test('a heredoc word keeps the blanks between sign and name', () => {
  assert.deepEqual(processWords('cat << EOF', { env }), ['cat', '<< EOF']);
});
