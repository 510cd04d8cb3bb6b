import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSampanError } from '../../server/common/errors.ts';
import { createIgnoreMatcher, parseIgnoreFile } from '../../server/language/ignore/matcher.ts';
import { processWord, processWords } from '../../server/language/shell/word.ts';
import { checkInvariants } from './invariants.ts';
import { pieces } from './pieces.ts';

const runs = { numRuns: 300 };
const dockerfile = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map(parts => parts.join(''));
const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));

test('invariants hold for texts of Dockerfile pieces', () => {
  fc.assert(
    fc.property(dockerfile, fc.nat(400), (text, at) => checkInvariants(text, Math.min(at, text.length))),
    runs,
  );
});

test('invariants hold for any text', () => {
  fc.assert(
    fc.property(anything, fc.nat(200), (text, at) => checkInvariants(text, Math.min(at, text.length))),
    runs,
  );
});

test('words are expanded or refused, nothing else', () => {
  const word = fc.oneof(
    anything,
    fc
      .array(
        fc.constantFrom('$', '{', '}', 'A', ':', '-', '?', '#', '%', '/', '*', '"', "'", '\\', ' ', '<<'),
      )
      .map(parts => parts.join('')),
  );
  const env = new Map([['A', 'a/b c']]);
  fc.assert(
    fc.property(word, fc.boolean(), fc.boolean(), (text, rawQuotes, skipUnsetEnv) => {
      for (const expand of [processWord, processWords]) {
        try {
          expand(text, { env, rawQuotes, skipUnsetEnv });
        } catch (error) {
          assert.ok(isSampanError(error, 'dockerfile-invalid'), String(error));
        }
      }
    }),
    runs,
  );
});

test('raw words without variables are what is written', () => {
  const plain = fc.string({ maxLength: 40 }).filter(text => !/[$"'\\]/.test(text));
  fc.assert(
    fc.property(plain, text => {
      assert.equal(processWord(text, { env: new Map() }).text, text);
    }),
    runs,
  );
});

test('an ignore file is a matcher or has a problem, whatever is in it', () => {
  const line = fc
    .array(fc.constantFrom('*', '**', '?', '[', ']', '^', '-', '\\', '/', '!', '#', ' ', 'a', 'b', '.', '..'))
    .map(parts => parts.join(''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), lines => {
      const text = lines.join('\n');
      const isWrong = parseIgnoreFile(text).some(({ problem }) => problem !== undefined);
      if (isWrong) {
        assert.throws(() => createIgnoreMatcher(text), isSampanError);
        return;
      }
      const matcher = createIgnoreMatcher(text);
      for (const path of ['a', 'a/b', '.a', 'b/a.b/a']) {
        // What is below an ignored folder is ignored unless an exception could bring it back.
        const below = `${path}/x`;
        if (matcher.ignores(path) && !matcher.mayKeepBelow(path)) assert.ok(matcher.ignores(below), below);
      }
    }),
    runs,
  );
});
