import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

const command = fileURLToPath(new URL('../../dist/sampan', import.meta.url));
const hasScript = spawnSync('script', ['--version']).status === 0;
const skip = cannotRun || (hasScript ? false : 'script(1) is not installed');

describe('the command in a terminal', { skip }, () => {
  let box: CommandSandbox;
  before(async () => {
    box = await openSandbox();
  });
  after(() => box.remove());

  /** A shell line in a pseudo-terminal; `output` grows as it comes. */
  function inTerminal(line: string): { child: ChildProcess; output: () => string } {
    const child = spawn('script', ['-qec', line, '/dev/null'], { env: box.environment, cwd: box.folder });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      child.emit('output');
    });
    return { child, output: () => text };
  }

  /** Resolves when the output holds `wanted`; rejects when the process ends before that. */
  async function shows(terminal: ReturnType<typeof inTerminal>, wanted: string): Promise<void> {
    const ended = once(terminal.child, 'exit').then(() => {
      throw new Error(`ended without "${wanted}": ${terminal.output()}`);
    });
    ended.catch(() => undefined);
    while (!terminal.output().includes(wanted)) await Promise.race([once(terminal.child, 'output'), ended]);
  }

  test('run -it has a terminal of the same size, passes keys and the exit code', async () => {
    const script = 'stty size; test -t 0 && echo is-tty; read line; echo got $line; exit 9';
    const terminal = inTerminal(`stty rows 33 cols 77; ${command} run --rm -it base sh -c '${script}'`);
    await shows(terminal, 'is-tty');
    terminal.child.stdin?.write('keys\r');
    const [code] = await once(terminal.child, 'exit');
    assert.equal(code, 9);
    assert.match(terminal.output(), /33 77/);
    assert.match(terminal.output(), /got keys/);
  });

  test('build draws its steps in place and gives the cursor back, also when it fails', async () => {
    const build = `printf 'FROM base\\nRUN echo said >&2 && exit 3\\n' | ${command} build -f - .`;
    const terminal = inTerminal(`stty cols 70; mkdir -p empty; cd empty; ${build}`);
    const [code] = await once(terminal.child, 'close');
    const output = terminal.output();
    assert.equal(code, 1);
    assert.match(output, /\[\+\] Building \d+\.\ds \(\d\/2\)/);
    assert.match(output, / => ERROR \[2\/2\] RUN echo said/);
    assert.match(output, /------\r\n > \[2\/2\] RUN echo said[^\n]*\r\nsaid\r\n------/);
    assert.match(output, /2 \| >>> RUN echo said/);
    assert.ok(output.lastIndexOf('\u001b[?25h') > output.lastIndexOf('\u001b[?25l'), output);
  });

  test('the detach keys leave the container running', async () => {
    const terminal = inTerminal(`${command} run -it --name left base sh -c 'echo up; exec sleep 100'`);
    await shows(terminal, 'up');
    terminal.child.stdin?.write('\x10\x11');
    const [code] = await once(terminal.child, 'exit');
    assert.equal(code, 0);
    assert.match(terminal.output(), /read escape sequence/);
    assert.equal(await box.ok('inspect', '-f', '{{.State.Status}}', 'left'), 'running');
  });
});
