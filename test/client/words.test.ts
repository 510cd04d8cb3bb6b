import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText } from '../../client/build/duration.ts';
import { defaultTag, imageName } from '../../client/build/imageName.ts';
import { code, plain } from '../../client/views/markdown.ts';
import { tooltip } from '../../client/views/tooltips.ts';
import { agoText, shellWord, sizeText } from '../../client/views/words.ts';
import { container } from './fixtures.ts';

test('sizes are decimal with three digits, as docker writes them', () => {
  assert.deepEqual([0, 999, 1000, 4_261_550, 1_234_567_890].map(sizeText), [
    '0B',
    '999B',
    '1kB',
    '4.26MB',
    '1.23GB',
  ]);
});

test('times are told in the largest whole unit', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  const ago = (time: string) => agoText(time, now);
  assert.equal(ago('2026-01-02T03:04:05Z'), 'just now');
  assert.equal(ago('2026-01-02T03:03:05Z'), '1 minute ago');
  assert.equal(ago('2025-12-30T03:04:05Z'), '3 days ago');
  assert.equal(ago('not a time'), 'just now');
});

test('durations are short', () => {
  assert.deepEqual([85, 3100, 125_000].map(durationText), ['85 ms', '3.1 s', '2 min 5 s']);
});

test('image names are made from any folder name', () => {
  assert.equal(imageName('My App (v2)'), 'my-app-v2');
  assert.equal(imageName('Café__Ünï'), 'cafe-uni');
  assert.equal(imageName('...'), 'image');
  assert.equal(defaultTag('Web', 'Dockerfile'), 'web:latest');
  assert.equal(defaultTag('web', 'Dockerfile.dev'), 'web-dev:latest');
  assert.equal(defaultTag('web', 'dev.Dockerfile'), 'web-dev:latest');
});

test('shell words are quoted only when a shell needs it', () => {
  assert.equal(shellWord('--port=80'), '--port=80');
  assert.equal(shellWord("it's"), "'it'\\''s'");
  assert.equal(shellWord(''), "''");
});

test('text from outside cannot become markdown', () => {
  assert.equal(plain('a*b* [x](command:y) <b>'), 'a\\*b\\* \\[x\\]\\(command:y\\) \\<b\\>');
  assert.equal(code('a `b` ``c``'), '``` a `b` ``c`` ```');
});

test('a tooltip tells state, command and warnings', () => {
  const text = tooltip(
    { kind: 'container', container: container({ args: ['sh', '-c', 'sleep 1'], warnings: ['no *limits*'] }) },
    new Date('2026-01-02T03:05:06Z'),
  );
  assert.match(text ?? '', /State: running, started 1 minute ago {2}\n/);
  assert.match(text ?? '', /Command: `sh -c 'sleep 1'`/);
  assert.match(text ?? '', /no \\\*limits\\\*/);
});
