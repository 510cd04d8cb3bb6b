import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { buildFinding } from '../../client/build/buildFinding.ts';
import { BuildReport } from '../../client/build/buildReport.ts';
import { PullReport } from '../../client/build/pullReport.ts';
import type { BuildEvent } from '../../server/protocol/types.ts';

const plan: BuildEvent = {
  kind: 'plan',
  steps: [
    { id: 'a', name: '[1/2] FROM busybox', stage: '0', inputs: [], line: 1, endLine: 1 },
    { id: 'b', name: '[2/2] RUN make \\\n  all', stage: '0', inputs: ['a'], line: 3, endLine: 4 },
  ],
};
const at = '2026-01-02T03:04:05Z';

function play(report: BuildReport, events: readonly BuildEvent[]): string {
  return stripVTControlCharacters(events.map(event => report.apply(event)).join(''));
}

test('a build report prints whole lines with the number of their step', () => {
  const report = new BuildReport();
  const text = play(report, [
    plan,
    { kind: 'finish', step: 'a', at, cached: true, milliseconds: 0 },
    { kind: 'start', step: 'b', at },
    { kind: 'output', step: 'b', stream: 'stdout', text: 'comp' },
    { kind: 'output', step: 'b', stream: 'stdout', text: 'iling\n10%\r50%\r100%\r\nla' },
    { kind: 'output', step: 'b', stream: 'stderr', text: 'st' },
    { kind: 'finish', step: 'b', at, cached: false, milliseconds: 3100 },
  ]);
  assert.equal(
    text,
    [
      '#1 [1/2] FROM busybox CACHED',
      '#2 [2/2] RUN make \\',
      '#2 compiling',
      '#2 100%',
      '#2 last',
      '#2 done in 3.1 s',
      '',
    ].join('\n'),
  );
  assert.equal(report.done, 1);
  assert.equal(report.failed, undefined);
});

test('a build report tells what is being done', () => {
  const report = new BuildReport();
  play(report, [plan, { kind: 'start', step: 'a', at }]);
  assert.equal(report.message, '[1/2] FROM busybox');
  play(report, [
    { kind: 'finish', step: 'a', at, cached: false, milliseconds: 1 },
    { kind: 'start', step: 'b', at },
  ]);
  assert.equal(report.message, '[2/2] RUN make \\');
  assert.equal(report.done, 0.5);
});

test('a failed step becomes a finding on its lines with the end of its output', () => {
  const report = new BuildReport();
  const output = Array.from({ length: 30 }, (_, line) => `\x1b[31mline ${line}\x1b[39m\n`).join('');
  play(report, [
    plan,
    { kind: 'start', step: 'b', at },
    { kind: 'output', step: 'b', stream: 'stderr', text: output },
    { kind: 'finish', step: 'b', at, cached: false, milliseconds: 1, error: 'exit code 2' },
  ]);
  const failure = { message: 'RUN make failed: exit code 2.', hint: 'Look at line 3.', detail: {} };
  const finding = buildFinding(failure, report.failed);
  assert.equal(finding?.startLine, 2);
  assert.equal(finding?.endLine, 3);
  assert.equal(finding?.message.split('\n')[0], 'RUN make failed: exit code 2.');
  assert.equal(finding?.message.split('\n').at(-1), 'line 29');
  assert.equal(finding?.output.split('\n').length, 20);
});

test('a failure without a step is placed by its own detail, or nowhere', () => {
  const where = { message: 'Unknown instruction.', code: 'dockerfile-invalid', detail: { line: 7 } } as const;
  assert.deepEqual(buildFinding(where, undefined), {
    startLine: 6,
    endLine: 6,
    message: 'Unknown instruction.',
    output: '',
  });
  assert.equal(buildFinding({ message: 'The disk is full.', detail: {} }, undefined), undefined);
});

test('a pull report adds its parts up', () => {
  const report = new PullReport();
  report.apply({ id: 'a', status: 'exists' });
  assert.equal(
    report.apply({ id: 'b', status: 'downloading', current: 1_000_000, total: 4_000_000 }),
    '1 of 2 parts, 1MB of 4MB',
  );
});
