import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { excludedCodes, type ShellcheckInput } from '../../language/shellcheck/input.ts';
import { readShellcheckOutput, type ShellComment } from '../../language/shellcheck/output.ts';

/** Milliseconds after which a script is given up: ordinary ones take ten. */
const timeout = 20_000;

/** Characters of output after which a script is given up. */
const mostOutput = 4 * 1024 * 1024;

/** ShellCheck could not read a script, or is none. */
export class ShellcheckFailure extends Error {}

/**
 * Runs ShellCheck on one input, in its own process behind everything else. Rejects with {@link ShellcheckFailure}, and with the
 * signal's reason once that is aborted.
 */
export async function runShellcheck(
  program: string,
  input: ShellcheckInput,
  signal: AbortSignal,
): Promise<readonly ShellComment[]> {
  const { code, output, errors } = await run(program, input, signal);
  // Its manual, "RETURN VALUES": 0 nothing found, 1 something found.
  if (code !== 0 && code !== 1) {
    const reason = errors.trim().split('\n')[0] || `it ended with ${code ?? 'a signal'}`;
    throw new ShellcheckFailure(`${program} could not check a script: ${reason}`);
  }
  try {
    return readShellcheckOutput(output, input);
  } catch {
    throw new ShellcheckFailure(`${program} printed something else than ShellCheck's json1 format`);
  }
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function run(program: string, { shell, text }: ShellcheckInput, signal: AbortSignal): Promise<Ended> {
  // Without --norc a file of the workspace could make it read files outside of it.
  const args = ['--norc', '--format=json1', `--shell=${shell}`, `--exclude=${excludedCodes.join(',')}`, '-'];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C.UTF-8', SHELLCHECK_OPTS: '' },
      killSignal: 'SIGKILL',
      signal,
      timeout,
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.length > mostOutput) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(0, 1000);
    });
    // It may end without reading all, and then says why.
    child.stdin.on('error', () => undefined).end(text);
    child.on('error', error => reject(signal.aborted ? signal.reason : new ShellcheckFailure(error.message)));
    child.on('close', code => resolve({ code, output, errors }));
    if (child.pid !== undefined) beKind(child.pid);
  });
}

function beKind(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}
