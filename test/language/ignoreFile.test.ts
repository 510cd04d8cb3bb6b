import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CoverageCache,
  completeIgnoreFile,
  diagnoseIgnoreFile,
  hoverIgnoreFile,
  IgnoreFile,
} from '../../server/language/features/ignoreFile.ts';
import { type ContextEntry, coverage } from '../../server/language/ignore/coverage.ts';
import { createIgnoreMatcher } from '../../server/language/index.ts';
import { findLineStarts } from '../../server/language/syntax/line.ts';
import { toPosition } from '../../server/language/syntax/position.ts';
import { applyEdits, textOf } from './marked.ts';

const paths = [
  '.git/',
  '.git/HEAD',
  'README.md',
  'src/',
  'src/a.go',
  'src/lib/',
  'src/lib/b.go',
  'src/lib/c.md',
];
const entries: ContextEntry[] = paths.map(path => ({
  path: path.replace(/\/$/, ''),
  isFolder: path.endsWith('/'),
}));
const listing = { entries, isCut: false };

function at(written: string) {
  const offset = written.indexOf('|');
  const text = written.replace('|', '');
  return {
    text,
    file: new IgnoreFile(text),
    position: toPosition({ text, lineStarts: findLineStarts(text) }, offset),
  };
}

describe('what a pattern of an ignore file matches', () => {
  test('is counted, with what is in folders', () => {
    const of = (pattern: string) => coverage({ pattern }, listing);
    assert.deepEqual(of('src'), { files: 3, folders: 2, examples: ['src/'] });
    assert.deepEqual(of('**/*.md'), { files: 2, folders: 0, examples: ['README.md', 'src/lib/c.md'] });
    assert.deepEqual(of('nothing'), { files: 0, folders: 0, examples: [] });
    assert.equal(of('**').files, 5);
  });

  test('is what a build leaves out', () => {
    for (const pattern of ['src', '*.md', '**/*.go', 'src/*', '.git/', 's*/l*']) {
      const matcher = createIgnoreMatcher(pattern);
      const ignored = entries.filter(({ path, isFolder }) => !isFolder && matcher.ignores(path));
      const [rule] = new IgnoreFile(pattern).rules;
      assert.ok(rule);
      assert.equal(coverage(rule, listing).files, ignored.length, pattern);
    }
  });
});

describe('an ignore file', () => {
  const explain = (written: string, known = new CoverageCache(listing)) => {
    const { file, position, text } = at(written);
    const found = hoverIgnoreFile(file, position, known);
    return found && [textOf(text, found.range), found.contents.value];
  };

  test('says what a pattern matches', () => {
    assert.deepEqual(explain('# all\n  s|rc/ \n'), [
      'src/',
      'Leaves out 3 files and 2 folders:\n\n- `src/`\n- …',
    ]);
    assert.match(explain('*\n!READ|ME.md')?.[1] ?? '', /^Brings back 1 file:/);
    assert.match(explain('no|ne')?.[1] ?? '', /matches nothing in the build context/);
    assert.match(explain('a[|')?.[1] ?? '', /not complete/);
    assert.equal(explain('# com|ment'), undefined);
    assert.match(explain('src|', new CoverageCache({ entries, isCut: true }))?.[1] ?? '', /at least 3 files/);
  });

  test('has findings for what is malformed and what matches nothing', () => {
    const { file, text } = at('src\nnone\n[\n# none|\n');
    const found = diagnoseIgnoreFile(file, new CoverageCache(listing));
    assert.deepEqual(
      found.map(({ code, severity, range }) => [code, severity, textOf(text, range)]),
      [
        ['matches-nothing', 4, 'none'],
        ['invalid-pattern', 1, '['],
      ],
    );
    assert.equal(diagnoseIgnoreFile(file, undefined).length, 1);
    assert.equal(diagnoseIgnoreFile(file, new CoverageCache({ entries, isCut: true })).length, 1);
  });

  test('completes paths behind exceptions and slashes', () => {
    const folder = (path: string) =>
      path === 'src'
        ? [{ name: 'lib', isFolder: true, isIgnored: true }]
        : path === ''
          ? [{ name: 'src', isFolder: true, isIgnored: false }]
          : undefined;
    const accept = (written: string, label: string) => {
      const { file, position, text } = at(written);
      const item = completeIgnoreFile(file, position, folder).items.find(one => one.label === label);
      return item && applyEdits(text, [item.textEdit]);
    };
    assert.equal(accept('!s|', 'src/'), '!src/');
    assert.equal(accept('x\n/src/l|\ny', 'lib/'), 'x\n/src/lib/\ny');
    assert.equal(accept('|', '**/'), '**/');
    assert.equal(accept('# s|', 'src/'), undefined);
    const { file, position } = at('src/|');
    assert.equal(completeIgnoreFile(file, position, () => 'pending').isIncomplete, true);
  });
});
