import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusText } from '../../server/cli/rows/containers.ts';
import { ago } from '../../server/cli/words.ts';
import { container } from '../client/fixtures.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const future = '2026-01-01T05:00:00Z';

test('times that a clock set back has left in the future are never negative', () => {
  assert.equal(ago(future, now), 'Less than a second ago');
  const running = container({ status: 'running', startedAt: future });
  assert.equal(statusText(running, now), 'Up Less than a second');
  const ended = container({ status: 'exited', exitCode: 3, startedAt: future, finishedAt: future });
  assert.equal(statusText(ended, now), 'Exited (3) Less than a second ago');
});
