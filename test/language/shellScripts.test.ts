// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of shells
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from '../../server/language/index.ts';
import { shellCommands } from '../../server/language/shell/commands.ts';
import { parseShell } from '../../server/language/shell/grammar.ts';
import { isQuoted, staticValue } from '../../server/language/shell/literal.ts';
import { readExecWords, type ShellScript } from '../../server/language/shell/script.ts';
import { shellScripts } from '../../server/language/shell/scripts.ts';

function scripts(text: string): readonly ShellScript[] {
  return shellScripts(parse(text));
}

function only(text: string): ShellScript {
  const all = scripts(text);
  assert.equal(all.length, 1);
  return all[0] as ShellScript;
}

/** What stands in the file where the script has `part`. */
function written(text: string, script: ShellScript, part: string): string {
  const pos = script.text.indexOf(part);
  const { start, end } = script.span({ pos, end: pos + part.length });
  return text.slice(start, end);
}

describe('shell scripts', () => {
  test('joins continued lines without the comments between them', () => {
    const text = 'FROM a\nRUN one \\\n  # why\n\n  two && thr\\\nee\n';
    const script = only(text);
    assert.equal(script.text, 'one   two && three');
    assert.equal(written(text, script, 'two'), 'two');
    assert.equal(written(text, script, 'three'), 'thr\\\nee');
    assert.equal(script.locate(text.indexOf('two')), 6);
    assert.equal(script.locate(text.indexOf('why')), undefined);
  });

  test('honours the escape directive and CRLF', () => {
    const text = '# escape=`\r\nFROM a\r\nRUN one `\r\n  two \\\r\n';
    const script = only(text);
    assert.equal(script.text, 'one   two \\');
    assert.equal(written(text, script, 'two'), 'two');
  });

  test('takes the body of a lone heredoc', () => {
    const text = 'FROM a\nRUN <<EOF\necho "$X"\nEOF\n';
    const script = only(text);
    assert.equal(script.text, 'echo "$X"\n');
    assert.equal(script.isHeredoc, true);
    assert.equal(written(text, script, '"$X"'), '"$X"');
  });

  test('drops the tabs that <<- drops', () => {
    const text = 'FROM a\nRUN <<-EOF\n\tif a; then\n\t\tb\n\tfi\n\tEOF\n';
    const script = only(text);
    assert.equal(script.text, 'if a; then\nb\nfi\n');
    assert.equal(script.offset(script.text.indexOf('b')), text.indexOf('b\n'));
    assert.equal(script.offset(script.text.indexOf('fi')), text.indexOf('fi'));
    assert.equal(script.locate(text.indexOf('b\n')), 11);
  });

  test('gives other heredocs to the shell with the line', () => {
    const text = 'FROM a\nRUN cat <<A >x && \\\n  cat <<-"B"\none\nA\n\ttwo\n\tB\n';
    const script = only(text);
    assert.equal(script.text, 'cat <<A >x &&   cat <<-"B"\none\nA\n\ttwo\nB');
    assert.equal(script.isHeredoc, false);
    for (const part of ['one', 'two', '<<-"B"']) assert.equal(written(text, script, part), part);
    assert.equal(script.offset(script.text.lastIndexOf('B')), text.lastIndexOf('B'));
    assert.deepEqual(script.tree.errors, undefined);
  });

  test('reads CMD, ENTRYPOINT, HEALTHCHECK and triggers in shell form', () => {
    const text =
      'FROM a\nCMD a b\nCMD ["a"]\nENTRYPOINT c\nHEALTHCHECK --interval=1s CMD d e\nHEALTHCHECK NONE\nONBUILD RUN <<E\nf\nE\nRUN\n';
    const found = scripts(text).map(script => `${script.node.name} ${JSON.stringify(script.text)}`);
    assert.deepEqual(found, ['CMD "a b"', 'ENTRYPOINT "c"', 'HEALTHCHECK "d e"', 'RUN "f\\n"']);
  });

  test('offers the words of an exec form to those who look for commands', () => {
    const text = 'FROM a\nRUN ["apt-get", "install", "a"]\n';
    const node = parse(text).reads[1]?.node;
    assert.ok(node);
    const script = readExecWords(node);
    assert.equal(script?.text, 'apt-get install a');
    assert.equal(script && written(text, script, 'install'), 'install');
  });

  test('takes its shell from SHELL, the stage below, a comment, the image and the first line', () => {
    const text = [
      'FROM a AS one',
      'RUN a',
      'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
      'RUN b',
      'FROM one',
      'RUN c',
      'FROM b',
      'RUN d',
      '# hadolint shell=powershell',
      'RUN e',
      'FROM mcr.microsoft.com/windows/servercore:ltsc2022',
      'RUN f',
      'FROM c',
      'RUN <<EOF',
      '#!/usr/bin/env -S python3',
      'EOF',
      'SHELL ["/busybox/busybox", "sh", "-c"]',
      'RUN g',
    ].join('\n');
    const names = scripts(text).map(({ interpreter: { name, dialect } }) => `${name} ${dialect}`);
    assert.deepEqual(names, [
      'sh sh',
      'bash bash',
      'bash bash',
      'sh sh',
      'powershell undefined',
      'cmd undefined',
      'python3 undefined',
      'ash ash',
    ]);
  });
});

describe('shell commands', () => {
  const namesOf = (text: string) => shellCommands(parseShell(text)).map(({ name }) => name);

  test('are found in lists, structures, functions and substitutions', () => {
    const text =
      'a && ! b; if c; then d | e; fi; f() { g; }; (h); for i in $(j); do k "$(l)"; done; case m in n) o;; esac';
    assert.deepEqual(namesOf(text), ['a', 'b', 'c', 'd', 'e', 'g', 'h', 'j', 'k', 'l', 'o']);
  });

  test('know their words, assignments, redirections and pipeline', () => {
    const [first, second] = shellCommands(parseShell('A=1 "x"y -o \'b c\' $D > f 2>&1 | z'));
    assert.ok(first && second);
    assert.equal(first.name, 'xy');
    assert.deepEqual(
      first.args.map(word => [staticValue(word), isQuoted(word)]),
      [
        ['-o', false],
        ['b c', true],
        [undefined, false],
      ],
    );
    assert.deepEqual(
      first.assignments.map(({ name }) => name),
      ['A'],
    );
    assert.equal(first.redirects.length, 2);
    assert.equal(first.pipeline?.commands.length, 2);
    assert.equal(second.pipeline, first.pipeline);
  });

  test('are found in half-typed scripts', () => {
    assert.deepEqual(namesOf('a && if b; then c "d'), ['a', 'b', 'c']);
    assert.deepEqual(namesOf('a | '), ['a']);
    assert.deepEqual(namesOf('for x in y; do a $(b'), ['a', 'b']);
  });

  test('within escaped backquotes have the place of the whole', () => {
    const text = 'a `b \\`c d\\``';
    const commands = shellCommands(parseShell(text));
    assert.deepEqual(
      commands.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    for (const { pos, end } of commands) assert.ok(pos >= 0 && end <= text.length && pos < end);
  });
});
