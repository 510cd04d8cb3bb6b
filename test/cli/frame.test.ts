import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuildState } from '../../server/cli/progress/buildState.ts';
import { columnsOf, frameOf } from '../../server/cli/progress/frame.ts';

const at = new Date(0).toISOString();

function building(): BuildState {
  const state = new BuildState();
  const steps = ['[1/3] FROM base', '[2/3] RUN make', '[3/3] RUN test'];
  state.handle(
    { kind: 'plan', steps: steps.map((name, id) => ({ id: `${id}`, name, stage: '', inputs: [] })) },
    0,
  );
  state.handle({ kind: 'start', step: '0', at }, 0);
  state.handle({ kind: 'finish', step: '0', at, cached: true, milliseconds: 0 }, 0);
  state.handle({ kind: 'start', step: '1', at }, 100);
  const text = 'one\n\u001b[31mtwo\u001b[0m\n10%\r99%\nlast';
  state.handle({ kind: 'output', step: '1', stream: 'stdout', text }, 200);
  return state;
}

function shown(state: BuildState, size: { width?: number; height?: number; isFinal?: boolean }): string[] {
  const options = { width: 40, height: 24, isFinal: false, ...size, now: 2_100, startedAt: 0 };
  return frameOf(state, options).map(({ text }) => text);
}

test('a frame has a line a step with its time, and the end of what a running step says', () => {
  assert.deepEqual(shown(building(), {}), [
    '[+] Building 2.1s (1/3)',
    ' => CACHED [1/3] FROM base          0.0s',
    ' => [2/3] RUN make                  2.0s',
    ' => => # one',
    ' => => # two',
    ' => => # 99%',
    ' => => # last',
  ]);
});

test('a frame keeps to the terminal: lines are cut, running steps come first', () => {
  assert.deepEqual(shown(building(), { width: 16, height: 4 }), [
    '[+] Building 2.1',
    ' => CACHED  0.0s',
    ' => [2/3] R 2.0s',
  ]);
  assert.deepEqual(shown(building(), { width: 16, height: 3 }), ['[+] Building 2.1', ' => [2/3] R 2.0s']);
  for (const width of [0, 1, 5, 20])
    for (const line of shown(building(), { width })) assert.ok(columnsOf(line) <= width, line);
});

test('the last frame has every step, says FINISHED when all are done and ERROR where one failed', () => {
  const state = building();
  state.handle({ kind: 'finish', step: '1', at, cached: false, milliseconds: 900, error: 'no' }, 1_000);
  assert.deepEqual(shown(state, { height: 2, isFinal: true }), [
    '[+] Building 2.1s (2/3)',
    ' => CACHED [1/3] FROM base          0.0s',
    ' => ERROR [2/3] RUN make            0.9s',
  ]);
  state.handle({ kind: 'start', step: '2', at }, 1_000);
  state.handle({ kind: 'finish', step: '2', at, cached: false, milliseconds: 0 }, 1_000);
  assert.match(shown(state, { isFinal: true })[0] ?? '', /\(3\/3\) FINISHED$/);
});

test('wide characters take two columns, marks none', () => {
  assert.equal(columnsOf('a文e\u0301'), 4);
});

test('a step that was stopped says CANCELED', () => {
  const state = building();
  const finish = {
    kind: 'finish',
    step: '1',
    at,
    cached: false,
    milliseconds: 900,
    error: 'stopped',
  } as const;
  state.handle({ ...finish, isCanceled: true }, 1_000);
  const [, , line] = frameOf(state, { now: 2_100, startedAt: 0, width: 40, height: 24, isFinal: false });
  assert.deepEqual(line, { text: ' => CANCELED [2/3] RUN make         0.9s', tone: 'canceled' });
});
