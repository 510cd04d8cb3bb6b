import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbage, MemoryRest } from '../../server/handlers/memoryRest.ts';

const mebibyte = 1 << 20;

test('memory is given back once in a pause, and again only when more has come up', async () => {
  let resident = 90 * mebibyte;
  let asked: () => void = () => {};
  const floors: number[] = [];
  const rest = new MemoryRest({
    pause: 1,
    resident: () => {
      asked();
      return resident;
    },
    collect: () => {
      floors.push(resident / mebibyte);
      resident = 70 * mebibyte;
    },
  });
  // The timer of a rest keeps no process alive; that of a test does.
  const alive = setInterval(() => {}, 1000);
  const paused = (): Promise<void> =>
    new Promise(resolve => {
      asked = () => setImmediate(resolve);
      rest.stir();
    });
  await paused();
  await paused();
  assert.deepEqual(floors, [90]);
  resident = 80 * mebibyte;
  await paused();
  assert.deepEqual(floors, [90, 80]);
  clearInterval(alive);
});

test('what nobody holds is gone when memory is given back', async () => {
  const held = new WeakRef(new Array(1000).fill(0));
  // A weak reference holds what it is made of until the turn ends.
  await new Promise(resolve => setImmediate(resolve));
  collectGarbage();
  assert.equal(held.deref(), undefined);
});
