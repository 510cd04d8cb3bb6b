// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  definition,
  highlights,
  prepareRename,
  references,
  rename,
} from '../../server/language/features/navigation.ts';
import { applyEdits, marked, textOf } from './marked.ts';

/** Line and text of the definition. */
function define(written: string): string | undefined {
  const { result, position, text } = marked(written);
  const range = definition(result, position);
  return range && `${range.start.line}: ${textOf(text, range)}`;
}

function renamed(written: string, name: string): string {
  const { result, position, text } = marked(written);
  const answer = rename(result, position, name);
  return answer.problem ?? applyEdits(text, answer.edits);
}

describe('stages', () => {
  const text =
    'FROM a AS one\nFROM one AS two\nCOPY --from=one --chown=x p q\nRUN --mount=from=ONE,target=/m x\nCOPY --from=0 r s\n';
  const at = (line: number, needle: string): string => {
    const lines = text.split('\n');
    lines[line] = (lines[line] ?? '').replace(needle, `|${needle}`);
    return lines.join('\n');
  };

  test('are defined by AS', () => {
    for (const written of [at(1, 'one'), at(2, 'one'), at(3, 'ONE'), at(4, '0'), at(0, 'one')]) {
      assert.equal(define(written), '0: one');
    }
  });

  test('without a name are where their FROM is', () => {
    assert.equal(define('FROM a\nFROM b\nCOPY --from=|0 x y'), '0: FROM');
  });

  test('have references in FROM, --from and mounts', () => {
    const { result, position } = marked(at(0, 'one'));
    const lines = (includeDeclaration: boolean) =>
      references(result, position, { includeDeclaration }).map(({ start }) => start.line);
    assert.deepEqual(lines(true), [0, 1, 2, 3, 4]);
    assert.deepEqual(lines(false), [1, 2, 3, 4]);
    assert.deepEqual(
      highlights(result, position).map(({ kind }) => kind),
      [3, 2, 2, 2, 2],
    );
  });

  test('are renamed everywhere but where they are a number', () => {
    assert.equal(renamed(at(2, 'one'), 'base'), text.replaceAll(/\bone\b/gi, 'base'));
    assert.match(renamed(at(2, 'one'), '1x'), /begins with a letter/);
    const { result, position } = marked(at(4, '0'));
    assert.equal(prepareRename(result, position), undefined);
  });

  test('an image is no stage', () => {
    assert.equal(define('FROM |a AS b'), undefined);
    assert.equal(define('FROM a AS b\nFROM x\nCOPY --from=|alpine c d'), undefined);
  });
});

describe('variables', () => {
  test('are defined where they were set last before', () => {
    assert.equal(define('FROM a\nENV A=1\nENV A=2\nRUN $|A\nENV A=3'), '2: A');
    assert.equal(define('ARG A=1\nFROM a:$|A'), '0: A');
    assert.equal(define('FROM a AS b\nARG A\nFROM b\nRUN ${|A}'), '1: A');
  });

  test('of one ENV do not see each other', () => {
    assert.equal(define('FROM a\nENV A=1\nENV A=2 B=$|A'), '1: A');
    assert.equal(define('FROM a\nARG A=1 B=$|A'), '1: A');
  });

  test('before the first FROM and in pieces are found all the same', () => {
    assert.equal(define('ENV A=1\nRUN $|A'), '0: A');
    assert.equal(define('FROM a\nENV LONG=1\nEXPOSE $LO\\\nN|G'), '1: LONG');
    assert.equal(renamed('FROM a\nENV LONG=1\nEXPOSE ${L|O\\\nNG}', 'X'), 'FROM a\nENV X=1\nEXPOSE ${X}');
  });

  test('without a global argument are those of their stage', () => {
    const text = 'FROM a\nARG A\nRUN $|A\nFROM b\nARG A\nRUN $A\n';
    assert.equal(renamed(text, 'B'), 'FROM a\nARG B\nRUN $B\nFROM b\nARG A\nRUN $A\n');
  });

  test('of other stages are others', () => {
    const text = 'FROM a\nENV A=1\nRUN $|A\nFROM b\nENV A=2\nRUN $A\n';
    assert.equal(renamed(text, 'B'), 'FROM a\nENV B=1\nRUN $B\nFROM b\nENV A=2\nRUN $A\n');
  });

  test('are renamed with the global argument that a stage takes', () => {
    const text =
      'ARG V=1\nFROM a:$V\nARG |V\nENV W=${V}x\nRUN <<E\n$V $VV\nE\nCMD echo $V\nFROM b\nARG V=2\n';
    assert.equal(
      renamed(text, 'N'),
      'ARG N=1\nFROM a:$N\nARG N\nENV W=${N}x\nRUN <<E\n$N $VV\nE\nCMD echo $N\nFROM b\nARG V=2\n',
    );
  });

  test('in single quotes and behind an escape are text', () => {
    assert.equal(
      renamed('FROM a\nENV |A=1\nRUN \'$A\' \\$A "$A"', 'B'),
      'FROM a\nENV B=1\nRUN \'$A\' \\$A "$B"',
    );
  });

  test('that the file does not set cannot be renamed', () => {
    assert.match(renamed('FROM a\nRUN $|HOME', 'X'), /can be renamed/);
    assert.match(renamed('FROM a\nENV |A=1', 'a-b'), /letters, digits/);
  });

  test('say what would be renamed', () => {
    const { result, position, text } = marked('FROM a\nENV A=1\nRUN ${|A}');
    const prepared = prepareRename(result, position);
    assert.equal(prepared?.placeholder, 'A');
    assert.equal(textOf(text, prepared.range), 'A');
  });
});

describe('sources that are no stage', () => {
  test('are found in all places that name them', () => {
    const { result, position } = marked('FROM a\nCOPY --from=d|ev x y\nRUN --mount=from=dev z');
    assert.deepEqual(
      highlights(result, position).map(({ range, kind }) => [range.start.line, kind]),
      [
        [1, 2],
        [2, 2],
      ],
    );
  });

  test('are renamed, images of FROM are not', () => {
    assert.equal(
      renamed('FROM a\nCOPY --from=d|ev x y\nCOPY --from=dev y z', 'b'),
      'FROM a\nCOPY --from=b x y\nCOPY --from=b y z',
    );
    assert.match(renamed('FROM al|pine\nCOPY --from=alpine x y', 'b'), /can be renamed/);
  });
});

test('a variable in single quotes leads to where it is set', () => {
  assert.equal(define("FROM a\nENV A=1\nRUN x '$|A'"), '1: A');
  assert.equal(define("FROM a\nRUN x '$|A'"), undefined);
});

test('a heredoc without an end has its name', () => {
  assert.equal(define('FROM a\nRUN <<|EOF\nx\n'), '1: EOF');
});

test('both ends of a heredoc are renamed', () => {
  assert.equal(
    renamed('FROM a\nRUN <<-"E|OF" x\n\ty\n\tEOF\n', 'END'),
    'FROM a\nRUN <<-"END" x\n\ty\n\tEND\n',
  );
});
