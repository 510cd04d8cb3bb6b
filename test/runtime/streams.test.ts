import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Attacher } from './support/attacher.ts';
import { finish, readLog, run, start } from './support/run.ts';
import { eventually, makeSandbox, type Sandbox } from './support/sandbox.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

test('a terminal has a size that follows the attacher', async () => {
  const running = await start(sandbox, ['sh', '-c', 'stty size; read x; stty size'], {
    openStdin: true,
    process: { tty: true, ttySize: { rows: 30, columns: 90 } },
  });
  await running.attacher.saw('30 90\r\n');
  running.attacher.resize(40, 120);
  running.attacher.write('\n');
  const ended = await finish(running);
  assert.match(ended.stdout, /40 120\r\n$/);
});

test('^C on a terminal interrupts the program', async () => {
  for (const init of [false, true]) {
    const running = await start(sandbox, ['sh', '-c', 'echo up; sleep 100; echo after'], {
      openStdin: true,
      init,
      process: { tty: true },
    });
    await running.attacher.saw('up');
    const { exit } = running.attacher;
    // As pid 1 the shell ignores the signal that ends its sleep, as any pid 1 does.
    const typing = setInterval(() => running.attacher.write('\x03'), 20);
    await exit.finally(() => clearInterval(typing));
    assert.equal((await exit).exitCode, init ? 130 : (await exit).exitCode);
  }
});

test('input reaches the program and ends when it is ended', async () => {
  const running = await start(sandbox, ['wc', '-c'], { openStdin: true });
  const block = 'x'.repeat(100_000);
  for (let i = 0; i < 20; i++) running.attacher.write(block);
  running.attacher.endInput();
  assert.equal((await finish(running)).stdout.trim(), '2000000');
});

test('stdin ends with the attacher that wrote to it, when that was asked for', async () => {
  const running = await start(sandbox, ['sh', '-c', 'cat > /dev/null; echo ended'], {
    openStdin: true,
    stdinOnce: true,
  });
  const watching = new Attacher(running.started.attachSocket);
  await watching.connected;
  running.attacher.write('a');
  running.attacher.close();
  await watching.saw('ended');
  await watching.exit;
});

test('the awaited attacher gets every byte, however slowly it reads', async () => {
  const running = await start(sandbox, ['sh', '-c', 'seq 1 1000000; echo end >&2'], { log: undefined });
  running.attacher.pause();
  await eventually('the program waits for room in its pipe', () => isWriting(running.started.process.pid));
  running.attacher.resume();
  const ended = await finish(running);
  assert.equal(ended.stdout.length, 6_888_896);
  assert.equal(ended.stderr, 'end\n');
});

/** True while the child of a process sleeps in write(2), whose number is 1 (x86-64) or 64 (arm64): see proc(5), `syscall`. */
function isWriting(parent: number): boolean {
  try {
    const child = readFileSync(`/proc/${parent}/task/${parent}/children`, 'latin1').trim();
    const looks = [1, 2, 3].map(() => readFileSync(`/proc/${child}/syscall`, 'latin1').split(' ')[0]);
    return looks.every(number => number === '1' || number === '64');
  } catch {
    return false; // not forked yet
  }
}

test('an onlooker that does not read neither stops the program nor costs memory', async () => {
  const running = await start(sandbox, ['sh', '-c', 'yes 0123456789 | head -c 50000000; echo; echo end']);
  const idle = new Attacher(running.started.attachSocket);
  await idle.connected;
  idle.pause();
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, anonymousMemory(running.started.monitor.pid));
  }, 5);
  const ended = await finish(running);
  clearInterval(sampling);
  assert.match(ended.stdout, /end\n$/);
  assert.ok(peak > 0 && peak < 2048, `${peak} KiB`);
  idle.resume();
  await idle.exit;
  assert.match(idle.stderr, /bytes of output skipped/);
});

/** Anonymous resident memory, KiB: what a process costs beyond files that all share. */
function anonymousMemory(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/RssAnon:\s+(\d+)/)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

test('a log rotates and keeps as many files as it may', async () => {
  const ended = await run(sandbox, ['seq', '1', '5000'], { log: { maxBytes: 50_000, maxFiles: 3 } });
  const { directory } = ended.spec;
  assert.deepEqual(
    ['log', 'log.1', 'log.2', 'log.3'].map(name => existsSync(join(directory, name))),
    [true, true, true, false],
  );
  const numbers = ['log.2', 'log.1', 'log'].flatMap(name =>
    readLog(ended.spec, name).map(({ log }) => Number(log)),
  );
  assert.equal(numbers.at(-1), 5000);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => (numbers[0] as number) + index),
  );
});

test('long lines are cut at 16 KiB, bytes that are no text are marked, the last line needs no end', async () => {
  const script = `yes é | head -n 20000 | tr -d '\\n'; printf 'x\\n'; printf '\\377"\\\\\\t\\033[1m'`;
  const ended = await run(sandbox, ['sh', '-c', script]);
  const lines = readLog(ended.spec);
  const joined = lines.map(({ log }) => log).join('');
  assert.ok(lines.every(({ log }) => Buffer.byteLength(log) <= 16 * 1024 + 1));
  assert.ok(lines.length === 4);
  assert.ok(joined.startsWith(`${'é'.repeat(20_000)}x\n`));
  assert.ok(joined.endsWith('\n\ufffd"\\\t\u001b[1m'));
  for (const { time } of lines) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
});

test('output of many small writes is complete in log and attacher', async () => {
  const ended = await run(sandbox, ['seq', '1', '20000']);
  const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
  assert.equal(ended.stdout, expected);
  const logged = readLog(ended.spec).map(({ log }) => log);
  assert.equal(logged.join(''), expected);
});

test('a container without a log writes none', async () => {
  const ended = await run(sandbox, ['echo', 'x'], { log: undefined });
  assert.equal(existsSync(join(ended.spec.directory, 'log')), false);
  await eventually('no socket', () => !existsSync(ended.started.attachSocket));
});
