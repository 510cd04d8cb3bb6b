import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyChanges } from '../../server/engine/build/changes.ts';

test('changes apply to a config like instructions of a Dockerfile', () => {
  const config = { Env: ['PATH=/bin', 'A=1'], Cmd: ['sh'], Labels: { a: '1' } };
  const changed = applyChanges(config, [
    'ENV A=2 B=$A',
    'CMD ["ls", "-l"]',
    'LABEL b=2',
    'EXPOSE 80',
    'USER app',
  ]);
  assert.deepEqual(changed.Env, ['PATH=/bin', 'A=2', 'B=1']);
  assert.deepEqual(changed.Cmd, ['ls', '-l']);
  assert.deepEqual(changed.Labels, { a: '1', b: '2' });
  assert.deepEqual(changed.ExposedPorts, { '80/tcp': {} });
  assert.equal(changed.User, 'app');
});

test('no changes leave the config as it is', () => {
  const config = { Env: ['A=1'] };
  assert.equal(applyChanges(config, []), config);
});

test('what is no change of a config is refused', () => {
  for (const change of ['RUN true', 'COPY a b', 'FROM x', 'NOSUCH x', 'EXPOSE x', 'CMD a\nRUN b'])
    assert.throws(
      () => applyChanges({}, [change]),
      { code: 'invalid-argument', message: /Invalid change/ },
      change,
    );
});
