// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of shells
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeActions } from '../../server/language/features/codeActions.ts';
import { diagnostics } from '../../server/language/features/diagnostics.ts';
import {
  check,
  editorRules,
  type Inspection,
  Inspector,
  inspect,
  parse,
} from '../../server/language/index.ts';
import { carryOver } from '../../server/language/shellcheck/carryOver.ts';
import { type ShellcheckInput, shellcheckInputs } from '../../server/language/shellcheck/input.ts';
import { readShellcheckOutput, type ShellComment } from '../../server/language/shellcheck/output.ts';
import { toPosition } from '../../server/language/syntax/position.ts';
import { applyEdits } from './marked.ts';

const inputs = (text: string): readonly ShellcheckInput[] => shellcheckInputs(parse(text));

function only(text: string): ShellcheckInput {
  const [input, ...others] = inputs(text);
  assert.ok(input && others.length === 0);
  return input;
}

const header = /export( \w+=1)+\n/;

/** One comment about `part` of a script, as ShellCheck prints it; `part` is in one line. */
function printed(
  input: ShellcheckInput,
  part: string,
  replacement?: { before: string; after: string },
): string {
  const at = input.text.indexOf(part, input.header.start + input.header.length);
  const line = input.text.slice(0, at).split('\n').length;
  const inLine = input.text.slice(input.text.lastIndexOf('\n', at) + 1, at);
  const column = [...inLine].length + 1;
  const endColumn = column + [...part].length;
  const place = { line, column, endLine: line, endColumn };
  const insertion = (at: number, text: string, precedence: number) => ({
    line,
    endLine: line,
    column: at,
    endColumn: at,
    precedence,
    insertionPoint: 'beforeStart',
    replacement: text,
  });
  const fix = replacement && {
    replacements: [insertion(endColumn, replacement.after, 7), insertion(column, replacement.before, 7)],
  };
  const comment = { file: '-', ...place, level: 'info', code: 2086, message: 'Quote it.', fix: fix ?? null };
  return JSON.stringify({ comments: [comment] });
}

/** The inspection of a file of whose every script with `part` in it ShellCheck has said something. */
function inspected(text: string, part: string, replacement?: { before: string; after: string }): Inspection {
  return inspect(check(text), new Inspector({ rules: editorRules }), {
    shellcheck: {
      version: 0,
      comments: input =>
        input.script.includes(part) ? readShellcheckOutput(printed(input, part, replacement), input) : [],
    },
  });
}

const marked = (text: string, part: string): string[] =>
  inspected(text, part)
    .findings.filter(({ source }) => source === 'shellcheck')
    .map(({ start, end }) => text.slice(start, end));

describe('what ShellCheck is given', () => {
  test('has the variables of the stage, exported', () => {
    const [first, second] = inputs('FROM a\nENV A=1 B=2\nARG C\nRUN echo $A\nFROM b\nRUN c\n');
    assert.match(first?.text ?? '', /^export .*\bA=1 B=1 C=1\necho \$A$/);
    assert.match(second?.text ?? '', /^export .*HTTP_PROXY=1.*\nc$/);
    assert.doesNotMatch(second?.text ?? '', /\bA=/);
  });

  test('has for a trigger what later builds see: ENV of the stage, and what triggers set before', () => {
    const text = 'FROM a\nENV A=1\nARG B\nONBUILD ARG C\nONBUILD ENV D=1\nONBUILD RUN c\nRUN d\n';
    const [trigger, own] = inputs(text);
    assert.match(trigger?.text ?? '', / A=1 C=1 D=1\nc$/);
    assert.match(own?.text ?? '', /NO_PROXY=1 A=1 B=1\nd$/);
  });

  test('has of many variables only those that it names', () => {
    const env = Array.from({ length: 150 }, (_, index) => `ENV V${index}=1`).join('\n');
    const { text } = only(`FROM a\n${env}\nRUN echo $V7\n`);
    assert.match(text, / V7=1\n/);
    assert.doesNotMatch(text, / V8=1/);
  });

  test('begins with the comments of the script', () => {
    const { text } = only('FROM a\nRUN <<EOF\n#!/bin/bash\n# shellcheck disable=SC2086\n\nls $X\nEOF\n');
    assert.match(text, /^#!\/bin\/bash\n# shellcheck disable=SC2086\n\nexport .*\nls \$X\n$/);
  });

  test('is for the shell that runs it, and nothing for one that it does not know', () => {
    const text =
      'FROM a\nRUN a\nSHELL ["/bin/ash", "-c"]\nRUN b\nRUN <<E\n#!/bin/bash\nE\nSHELL ["pwsh"]\nRUN c\nCMD ["d"]\n';
    assert.deepEqual(
      inputs(text).map(({ shell }) => shell),
      ['sh', 'dash', 'bash'],
    );
  });
});

describe('what ShellCheck says', () => {
  test('is where it is in the file', () => {
    assert.deepEqual(marked('FROM a\nENV B=1\nRUN x \\\n  # why\n  && ls $B\n', '$B'), ['$B']);
    assert.deepEqual(marked('FROM a\nRUN <<-E\n\tx\n\t\tls $B\n\tE\n', '$B'), ['$B']);
    assert.deepEqual(marked('FROM a\nRUN echo 🚢 $B\n', '$B'), ['$B']);
    assert.deepEqual(marked('FROM a\r\nRUN <<E\r\nx\r\nls $B\r\nE\r\n', '$B'), ['$B']);
    assert.deepEqual(marked('FROM a\nONBUILD RUN ls $B\n', '$B'), ['$B']);
    assert.deepEqual(marked('FROM a\nHEALTHCHECK CMD ls $B\n', '$B'), ['$B']);
  });

  test('is left out when it is about the variables before the script', () => {
    const input = only('FROM a\nRUN b\n');
    const about = { line: 1, column: 1, endLine: 1, endColumn: 7 };
    const output = JSON.stringify({
      comments: [{ file: '-', ...about, level: 'info', code: 1, message: 'x', fix: null }],
    });
    assert.match(input.text, header);
    assert.deepEqual(readShellcheckOutput(output, input), []);
  });

  test('has its severity, its page and its source', () => {
    const all = diagnostics(inspected('FROM a\nRUN ls $B\n', '$B'));
    const diagnostic = all.find(({ code }) => code === 'SC2086');
    assert.equal(diagnostic?.severity, 3);
    assert.equal(diagnostic?.codeDescription?.href, 'https://www.shellcheck.net/wiki/SC2086');
  });

  test('is silenced by comments above the instruction and between its lines', () => {
    for (const comment of ['hadolint ignore=SC2086', 'shellcheck disable=SC1,SC2086', 'check=skip=SC2086']) {
      assert.deepEqual(marked(`FROM a\n# ${comment}\nRUN ls $B\nRUN ls $B\n`, '$B'), ['$B'], comment);
    }
    assert.deepEqual(marked('FROM a\nRUN x \\\n# shellcheck disable=SC2086\n && ls $B\n', '$B'), []);
    assert.deepEqual(marked('# hadolint global ignore=SC2086\nFROM a\nRUN ls $B\n', '$B'), []);
  });

  test('can be changed as it proposes, not with all other fixes', () => {
    const text = 'FROM a\nRUN x \\\n  && ls $B \\\n  c\n';
    const quotes = { before: '"', after: '"' };
    const inspection = inspected(text, '$B', quotes);
    const at = toPosition(inspection.check.file.tree, text.indexOf('$B'));
    const [action] = codeActions(inspection, { start: at, end: at }, ['quickfix']);
    assert.equal(applyEdits(text, action?.edits ?? []), 'FROM a\nRUN x \\\n  && ls "$B" \\\n  c\n');
    assert.deepEqual(codeActions(inspection, { start: at, end: at }, ['source.fixAll']), []);
  });

  test('is changed at the end of a line before its continuation', () => {
    const text = 'FROM a\nRUN ls $B\\\n c\n';
    const inspection = inspected(text, '$B', { before: '"', after: '"' });
    const [finding] = inspection.findings.filter(({ source }) => source === 'shellcheck');
    const tree = inspection.check.file.tree;
    const edits = finding?.fix?.changes.map(({ start, end, text: newText }) => ({
      range: { start: toPosition(tree, start), end: toPosition(tree, end) },
      newText,
    }));
    assert.equal(applyEdits(text, edits ?? []), 'FROM a\nRUN ls "$B"\\\n c\n');
  });

  test('refuses output that is none', () => {
    const input = only('FROM a\nRUN b\n');
    for (const output of ['', '{}', '[]', 'no'])
      assert.throws(() => readShellcheckOutput(output, input), output);
  });
});

test('what was said before a change stays where the change is not', () => {
  const comment = (pos: number, end: number): ShellComment => ({
    code: 'SC1',
    level: 'info',
    message: '',
    replacements: [{ pos, end, text: 'x' }],
    pos,
    end,
  });
  const kept = carryOver([comment(0, 2), comment(3, 5), comment(7, 9)], 'ab cd efgh', 'ab cXd efgh');
  assert.deepEqual(
    kept.map(({ pos, end, replacements }) => [pos, end, replacements.length]),
    [
      [0, 2, 0],
      [8, 10, 0],
    ],
  );
  assert.deepEqual(carryOver([comment(0, 2)], 'ab cd', 'something else'), []);
});

test('what ShellCheck is given follows the variables and the shell when the instruction is the same', () => {
  const first = parse('FROM a\nRUN b\nRUN c\n');
  shellcheckInputs(first);
  for (const text of ['\nFROM a\nENV X=1\nRUN b\nRUN c\n', 'FROM a\nSHELL ["bash", "-c"]\nRUN b\nRUN c\n']) {
    const keys = shellcheckInputs(parse(text, first)).map(({ key }) => key);
    assert.deepEqual(
      keys,
      inputs(text).map(({ key }) => key),
    );
  }
});
