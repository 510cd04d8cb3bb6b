import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { createIgnoreMatcher, parseIgnoreFile } from '../../server/language/ignore/matcher.ts';

/** Says which of `paths` a file with these lines ignores. */
function ignored(lines: string, ...paths: string[]): string[] {
  const matcher = createIgnoreMatcher(lines);
  return paths.filter(path => matcher.ignores(path));
}

describe('patterns', () => {
  test('a name is that of the root, and takes what is below it along', () => {
    assert.deepEqual(ignored('docs', 'docs', 'docs/a/b', 'src/docs', 'docs2'), ['docs', 'docs/a/b']);
  });

  test('slashes around a pattern mean nothing', () => {
    assert.deepEqual(ignored('/docs/', 'docs', 'docs/a'), ['docs', 'docs/a']);
    assert.deepEqual(ignored('a//./b/../c', 'a/c', 'a/b'), ['a/c']);
  });

  test('* and ? stay within a folder', () => {
    assert.deepEqual(ignored('*.md', 'a.md', 'b/a.md'), ['a.md']);
    assert.deepEqual(ignored('*/*.md', 'a.md', 'b/a.md', 'c/b/a.md'), ['b/a.md']);
    assert.deepEqual(ignored('a?', 'a', 'ab', 'a/'), ['ab']);
  });

  test('** spans folders', () => {
    assert.deepEqual(ignored('**/x', 'x', 'a/x', 'a/b/x', 'ax'), ['x', 'a/x', 'a/b/x']);
    assert.deepEqual(ignored('a/**/x', 'a/x', 'a/b/c/x', 'b/x'), ['a/x', 'a/b/c/x']);
    assert.deepEqual(ignored('a/**', 'a/x', 'a/b/c', 'ab'), ['a/x', 'a/b/c']);
    assert.deepEqual(ignored('**.log', 'a.log', 'b/c.log', 'a.logs'), ['a.log', 'b/c.log']);
    assert.deepEqual(ignored('**', 'a', '.b'), ['a', '.b']);
  });

  test('brackets hold characters and ranges', () => {
    assert.deepEqual(ignored('[a-c]x', 'ax', 'cx', 'dx'), ['ax', 'cx']);
    assert.deepEqual(ignored('[^a]x', 'ax', 'bx'), ['bx']);
    assert.deepEqual(ignored('[\\]\\-]x', ']x', '-x', 'x'), [']x', '-x']);
  });

  test('a backslash takes the next character as it is', () => {
    assert.deepEqual(ignored('a\\*', 'a*', 'ab'), ['a*']);
  });

  test('characters of regular expressions are ordinary', () => {
    assert.deepEqual(ignored('a.b', 'a.b', 'axb'), ['a.b']);
    assert.deepEqual(ignored('a+(b)|{c}$*', 'a+(b)|{c}$', 'a'), ['a+(b)|{c}$']);
  });
});

describe('files', () => {
  test('comments, blank lines, blanks around, CRLF and a byte order mark do not count', () => {
    assert.deepEqual(ignored('\uFEFFa\r\n# b\r\n\r\n  c  \r\n', 'a', 'b', 'c', '# b'), ['a', 'c']);
  });

  test('the last pattern that matches decides', () => {
    assert.deepEqual(ignored('*\n!src\nsrc/tmp', 'a', 'src', 'src/a', 'src/tmp/x'), ['a', 'src/tmp/x']);
    assert.deepEqual(ignored('!a\na', 'a'), ['a']);
    assert.deepEqual(ignored('a\n! a', 'a'), []);
  });

  test('a pattern on a folder still counts for what an exception brings back below it', () => {
    assert.deepEqual(ignored('a\n!a/b\na*', 'a/b'), ['a/b']);
  });

  test('asking with the state of the folder gives the same answer', () => {
    const matcher = createIgnoreMatcher('*\n!src/**\nsrc/**/tmp\n!src/keep/tmp/x');
    for (const path of ['src/a', 'src/tmp/y', 'src/keep/tmp/x', 'src/keep/tmp/y', 'other/z']) {
      let state: ReturnType<typeof matcher.match> | undefined;
      const parts = path.split('/');
      for (const [index] of parts.entries())
        state = matcher.match(parts.slice(0, index + 1).join('/'), state);
      assert.equal(state?.ignored, matcher.ignores(path), path);
    }
  });

  test('folders that no exception reaches need not be read', () => {
    const matcher = createIgnoreMatcher('*\n!src/*/a\n!docs');
    assert.ok(matcher.mayKeepBelow('src'));
    assert.ok(matcher.mayKeepBelow('src/x'));
    assert.ok(matcher.mayKeepBelow('docs/deep/er'));
    assert.ok(!matcher.mayKeepBelow('node_modules'));
    assert.ok(createIgnoreMatcher('*\n!**/keep').mayKeepBelow('any/where'));
    assert.ok(!createIgnoreMatcher('*').mayKeepBelow('a'));
  });

  test('wrong patterns are refused with their line', () => {
    for (const wrong of ['[a', 'a\\', '[]', '[-a]', '!']) {
      assert.throws(
        () => createIgnoreMatcher(`ok\n${wrong}\n`),
        error => isSampanError(error, 'invalid-argument') && error.detail.line === 2,
        wrong,
      );
    }
    assert.equal(parseIgnoreFile('[a\n').length, 1);
  });
});
