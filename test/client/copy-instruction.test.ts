import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyInstruction } from '../../client/copyInstruction.ts';

const dockerfile = '/work space/app/Dockerfile';
const drop = (files: readonly string[], before = '') => copyInstruction(files, { dockerfile, before });

test('files that are dropped on an empty line become a COPY', () => {
  assert.equal(drop(['/work space/app/package.json']), 'COPY package.json ./package.json');
  assert.equal(drop(['/work space/app/src/a.go', '/work space/app/go.mod']), 'COPY src/a.go go.mod ./');
  assert.equal(drop(['/work space/app/my file']), 'COPY ["my file","./my file"]');
});

test('behind COPY and ADD they are its sources', () => {
  assert.equal(drop(['/work space/app/a', '/work space/app/b'], 'COPY --link '), 'a b');
  assert.equal(drop(['/work space/app/a'], 'onbuild add '), 'a');
});

test('nothing is written for files outside of the context, or in the middle of something else', () => {
  assert.equal(drop(['/work space/other/a']), undefined);
  assert.equal(drop(['/work space/app']), undefined);
  assert.equal(drop([]), undefined);
  assert.equal(drop(['/work space/app/a'], 'RUN '), undefined);
  assert.equal(drop(['/work space/app/my file'], 'COPY '), undefined);
});
