import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved, resultText, type StepResult, StepResults } from '../../client/build/stepResults.ts';
import { stepItems } from '../../client/views/stepItems.ts';

const at = '2026-01-02T03:04:05Z';
const layer = { chainId: `sha256:${'c'.repeat(64)}`, size: 12_000_000 };

test('the events of a build become a result for each instruction', () => {
  const steps = new StepResults();
  const step = (id: string, line?: number, endLine?: number) => ({
    id,
    name: id,
    stage: '',
    inputs: [],
    ...(line === undefined ? {} : { line }),
    ...(endLine === undefined ? {} : { endLine }),
  });
  assert.equal(steps.apply({ kind: 'plan', steps: [step('a', 2), step('b', 3, 5), step('export')] }), false);
  assert.equal(steps.apply({ kind: 'start', step: 'export', at }), false);
  assert.equal(steps.apply({ kind: 'start', step: 'b', at }), true);
  assert.deepEqual(steps.results, [{ startLine: 2, endLine: 4, state: 'running' }]);
  steps.apply({ kind: 'finish', step: 'a', at, cached: true, milliseconds: 1, layer });
  steps.apply({ kind: 'finish', step: 'b', at, cached: false, milliseconds: 3100, error: 'exit code 2' });
  assert.deepEqual(steps.results.map(resultText), ['failed after 3.1 s', 'cached · 12MB']);
});

test('a result tells what it cost, and nothing where there is nothing to tell', () => {
  const lines = { startLine: 0, endLine: 0 };
  assert.equal(resultText({ ...lines, state: 'done', milliseconds: 3100, layer }), '3.1 s · 12MB');
  assert.equal(
    resultText({ ...lines, state: 'done', milliseconds: 85, layer: { ...layer, size: 0 } }),
    '85 ms',
  );
  assert.equal(resultText({ ...lines, state: 'cached' }), 'cached');
});

test('results move with their instructions and go when these are edited', () => {
  const results: readonly StepResult[] = [
    { startLine: 0, endLine: 0, state: 'cached' },
    { startLine: 2, endLine: 4, state: 'done' },
    { startLine: 6, endLine: 6, state: 'done' },
  ];
  const lines = (change: Parameters<typeof moved>[1]) =>
    moved(results, change).map(({ startLine, endLine }) => [startLine, endLine]);
  // Two lines typed into line 1, which is empty.
  assert.deepEqual(lines({ startLine: 1, endLine: 1, linesAfter: 3 }), [
    [0, 0],
    [4, 6],
    [8, 8],
  ]);
  // Within the second instruction.
  assert.deepEqual(lines({ startLine: 3, endLine: 3, linesAfter: 1 }), [
    [0, 0],
    [6, 6],
  ]);
  // The second instruction is deleted with its line ends.
  assert.deepEqual(lines({ startLine: 2, endLine: 5, linesAfter: 1 }), [
    [0, 0],
    [3, 3],
  ]);
});

test('the Step view has the changes of an instruction and all files as they are after it', () => {
  const items = stepItems({ file: 'Dockerfile', line: 3, instruction: 'RUN make', chainId: layer.chainId });
  assert.deepEqual(
    items.map(({ label, description, lazy }) => [label, description, lazy?.kind]),
    [
      ['RUN make', 'Dockerfile:3', 'layer'],
      ['Files', undefined, 'folder'],
    ],
  );
});
