import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTree } from '../../server/language/syntax/parse.ts';
import type { InstructionNode, Tree, Word } from '../../server/language/syntax/tree.ts';

function nodes(tree: Tree): InstructionNode[] {
  return tree.elements.filter(element => element.kind === 'instruction');
}

function onlyNode(text: string): InstructionNode {
  const [node, ...more] = nodes(parseTree(text));
  assert.ok(node);
  assert.equal(more.length, 0);
  return node;
}

const written = ({ text, start, end }: Word) => ({ text, start, end });
const words = (node: InstructionNode): string[] => node.args.map(({ text }) => text);
const codes = (text: string): string[] => parseTree(text).problems.map(({ code }) => code);

describe('lines', () => {
  test('an instruction goes on behind the escape character, blanks after it included', () => {
    const node = onlyNode('RUN a \\\n  b \\  \n  c\n');
    assert.equal(node.source, 'RUN a   b   c');
    assert.deepEqual([node.line, node.endLine], [0, 2]);
  });

  test('two escape characters at the end do not continue a line', () => {
    assert.equal(nodes(parseTree('RUN a \\\\\nRUN b')).length, 2);
  });

  test('comments between continued lines are dropped, empty lines are noted', () => {
    const node = onlyNode('RUN a \\\n  # why\n\n  b');
    assert.equal(node.source, 'RUN a   b');
    assert.equal(node.innerComments.length, 1);
    assert.deepEqual(node.emptyLines, [2]);
  });

  test('a continuation at the end of the file ends the instruction', () => {
    assert.equal(onlyNode('RUN a \\').source, 'RUN a');
    assert.equal(onlyNode('RUN a \\\n').source, 'RUN a');
  });

  test('a line with only a continuation begins the instruction of the next one', () => {
    const node = onlyNode('\\\nFROM x');
    assert.deepEqual([node.keyword.text, node.line, node.endLine], ['FROM', 0, 1]);
  });

  test('CRLF and a byte order mark are no part of an instruction', () => {
    const tree = parseTree('\uFEFFFROM a\r\nRUN b \\\r\n c\r\n');
    assert.deepEqual(
      nodes(tree).map(({ source }) => source),
      ['FROM a', 'RUN b  c'],
    );
    assert.equal(nodes(tree)[0]?.start, 1);
  });

  test('each line belongs to one element, in order', () => {
    const tree = parseTree('# syntax=x\n\n# c\nFROM a\nRUN <<E\nx\nE\n\n');
    assert.deepEqual(
      tree.elements.map(({ kind, line, endLine }) => `${kind} ${line}-${endLine}`),
      [
        'directive 0-0',
        'blank 1-1',
        'comment 2-2',
        'instruction 3-3',
        'instruction 4-6',
        'blank 7-7',
        'blank 8-8',
      ],
    );
  });

  test('a file without instructions is refused', () => {
    assert.deepEqual(codes('# only this\n'), ['no-instructions']);
    assert.deepEqual(codes(''), ['no-instructions']);
  });
});

describe('directives', () => {
  test('escape chooses the character for the whole file', () => {
    const tree = parseTree('# escape=`\nFROM a\nRUN dir C:\\ `\n  /b');
    assert.equal(tree.escapeToken, '`');
    assert.equal(nodes(tree)[1]?.source, 'RUN dir C:\\   /b');
  });

  test('only the top of the file has directives', () => {
    assert.equal(parseTree('FROM a\n# escape=`\n').escapeToken, '\\');
    assert.equal(parseTree('# comment\n# escape=`\nFROM a').escapeToken, '\\');
    assert.equal(parseTree('# unknown=1\n# escape=`\nFROM a').escapeToken, '\\');
  });

  test('a directive given twice and an impossible escape character are refused', () => {
    assert.deepEqual(codes('# escape=`\n# escape=`\nFROM a'), ['duplicate-directive']);
    assert.deepEqual(codes('# escape=x\nFROM a'), ['invalid-escape']);
  });

  test('names and values have exact places', () => {
    const [directive] = parseTree('#  Check = skip=all \nFROM a').elements;
    assert.ok(directive?.kind === 'directive');
    assert.deepEqual(written(directive.name), { text: 'check', start: 3, end: 8 });
    assert.deepEqual(written(directive.value), { text: 'skip=all', start: 11, end: 19 });
  });
});

describe('flags', () => {
  test('flags are the words with two dashes before the arguments', () => {
    const node = onlyNode('COPY --from=a --link b --chown=c');
    assert.deepEqual(
      node.flags.map(({ name, value }) => [name.text, value?.text]),
      [
        ['from', 'a'],
        ['link', undefined],
      ],
    );
    assert.deepEqual(words(node), ['b', '--chown=c']);
  });

  test('two dashes alone end the flags', () => {
    const node = onlyNode('COPY --link -- --odd /x');
    assert.equal(node.flags.length, 1);
    assert.deepEqual(words(node), ['--odd', '/x']);
  });

  test('quotes and escapes in flags are resolved, places are those of the file', () => {
    const node = onlyNode('COPY --chown="a b" --exclude=x\\ y p q');
    assert.deepEqual(
      node.flags.map(({ text }) => text),
      ['--chown=a b', '--exclude=x y'],
    );
    assert.deepEqual([node.flags[0]?.start, node.flags[0]?.end], [5, 18]);
  });

  test('a flag of RUN may go on on the next line', () => {
    const node = onlyNode('RUN --mount=type=cache,\\\ntarget=/x make');
    assert.equal(node.flags[0]?.value?.text, 'type=cache,target=/x');
    assert.deepEqual(words(node), ['make']);
  });
});

describe('arguments', () => {
  test('the JSON form gives its strings with their places', () => {
    const node = onlyNode('CMD [ "a", "b\\"c" ]');
    assert.ok(node.json);
    assert.deepEqual(node.args.map(written), [
      { text: 'a', start: 6, end: 9 },
      { text: 'b"c', start: 11, end: 17 },
    ]);
  });

  test('what is no JSON array is text', () => {
    for (const text of ['CMD ["a" b', "CMD ['a']", 'CMD ["a"] b', 'CMD {"a":1}']) {
      assert.equal(onlyNode(text).json, false, text);
    }
  });

  test('a JSON array with something else than strings is refused', () => {
    assert.deepEqual(codes('FROM a\nCMD ["a", 1]'), ['json-not-strings']);
  });

  test('ENV splits outside of quotes and behind escapes', () => {
    const node = onlyNode(`ENV A="x y" B=z\\ w C='"' D=`);
    assert.deepEqual(words(node), ['A="x y"', 'B=z\\ w', `C='"'`, 'D=']);
  });

  test('an escape character at the very end is dropped', () => {
    assert.deepEqual(words(onlyNode('# escape=`\nARG a=b\\`` ``\n')), ['a=b\\``', '``']);
    assert.deepEqual(words(onlyNode('ENV A=b\\ \\')), ['A=b']);
  });

  test('the old form of ENV has one key and all the rest', () => {
    const node = onlyNode('ENV key a value = here');
    assert.ok(node.legacyPair);
    assert.deepEqual(words(node), ['key', 'a value = here']);
  });

  test('pairs without a value or an equals sign are refused', () => {
    assert.deepEqual(codes('FROM a\nENV key'), ['missing-value']);
    assert.deepEqual(codes('FROM a\nENV a=b c'), ['pair-without-equals']);
  });

  test('ONBUILD holds an instruction of its own', () => {
    const node = onlyNode('ONBUILD COPY --link a b');
    assert.equal(node.trigger?.name, 'COPY');
    assert.equal(node.trigger?.flags.length, 1);
    assert.equal(node.trigger?.start, 8);
  });

  test('words are where they stand, across continuations', () => {
    const text = 'COPY a \\\n  b\\\nc /d';
    const node = onlyNode(text);
    assert.deepEqual(words(node), ['a', 'bc', '/d']);
    assert.deepEqual(
      node.args.map(({ start, end }) => text.slice(start, end)),
      ['a', 'b\\\nc', '/d'],
    );
  });
});

describe('heredocs', () => {
  test('a body goes to the line with just the name', () => {
    const text = 'RUN <<EOF\na\n EOF\nEOF\nCMD x';
    const [run, cmd] = nodes(parseTree(text));
    const heredoc = run?.heredocs[0];
    assert.equal(heredoc?.content, 'a\n EOF\n');
    assert.equal(text.slice(heredoc?.body.start, heredoc?.body.end), 'a\n EOF\n');
    assert.equal(text.slice(heredoc?.terminator?.start, heredoc?.terminator?.end), 'EOF');
    assert.equal(cmd?.line, 4);
  });

  test('several bodies follow each other', () => {
    const node = onlyNode('COPY <<a <<-"b" /x/\n1\na\n\t2\n\tb\n');
    assert.deepEqual(
      node.heredocs.map(({ name, content, expand, chomp }) => [name, content, expand, chomp]),
      [
        ['a', '1\n', true, false],
        ['b', '\t2\n', false, true],
      ],
    );
  });

  test('a file descriptor may stand before it, quotes in the middle stop the expansion', () => {
    const [heredoc] = onlyNode("RUN 3<<E'O'F cat <&3\nx\nEOF\n").heredocs;
    assert.deepEqual([heredoc?.fileDescriptor, heredoc?.name, heredoc?.expand], [3, 'EOF', false]);
  });

  test('only RUN, COPY, ADD and ONBUILD of them have heredocs, and not in JSON form', () => {
    assert.equal(nodes(parseTree('CMD cat <<EOF\nEOF')).length, 2);
    assert.equal(nodes(parseTree('RUN ["a", "<<b"]\nCMD b')).length, 2);
    assert.equal(nodes(parseTree('ONBUILD RUN <<EOF\nx\nEOF')).length, 1);
  });

  test('three less-than signs and quoted ones are no heredoc', () => {
    assert.equal(nodes(parseTree('RUN cat <<<word\nCMD x')).length, 2);
    assert.equal(nodes(parseTree('RUN echo "<<EOF"\nCMD x')).length, 2);
  });

  test('a line that does not read as words has none', () => {
    assert.equal(nodes(parseTree("RUN echo it's <<EOF\nCMD x")).length, 2);
    assert.equal(nodes(parseTree('RUN echo ${ <<EOF\nCMD x')).length, 2);
    assert.equal(nodes(parseTree('RUN << \nCMD x')).length, 2);
  });

  test('a body that never ends is a problem at its word', () => {
    const text = 'FROM a\nRUN cat <<EOF\nx\n';
    const [problem] = parseTree(text).problems;
    assert.equal(problem?.code, 'unterminated-heredoc');
    assert.equal(text.slice(problem?.start, problem?.end), '<<EOF');
  });
});

test('comments above an instruction belong to it until an empty comment', () => {
  const node = onlyNode('# lost\n#\n# one\n\n# two\nFROM a');
  assert.deepEqual(node.comments, ['one', 'two']);
});

test('half-typed instructions are all there', () => {
  for (const text of [
    'F',
    'FROM',
    'FROM ',
    'RUN --',
    'RUN --mount',
    'COPY --from=',
    'ENV',
    'CMD [',
    'ONBUILD',
  ]) {
    assert.equal(onlyNode(text).keyword.text, text.split(' ')[0], text);
  }
});
