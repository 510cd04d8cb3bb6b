import { SampanError } from '../common/errors.ts';
import type { Client, OpenSession } from './client.ts';
import type { Interrupt } from './command.ts';
import { CliFailure, Declined, ExitCode, OutputClosed } from './failure.ts';
import { reportFailure } from './report.ts';
import type { ServerOptions } from './served/server.ts';
import { findVerb } from './verbs.ts';

/** What a command server does for the commands that it runs; without it the command is its own process. */
export interface CommandHost {
  readonly openSession: OpenSession;
}

/** Runs the command line of `process` to its exit. Rejects with {@link Declined} when the host cannot run it. */
export async function runCommand(host?: CommandHost): Promise<void> {
  // A reader that went away (`sampan logs x | head`) ends the command as SIGPIPE would.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', error => {
    if ('code' in error && error.code === 'EPIPE') process.exit(ExitCode.outputClosed);
    throw error;
  });
  const exitCode = await run(process.argv.slice(2), host);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(exitCode);
}

/** Becomes the command server; see `served/server.ts`. */
export async function serveCommands(options: ServerOptions): Promise<void> {
  const { serve } = await import('./served/server.ts');
  await serve(options);
}

function decline(): never {
  throw new Declined();
}

/** Gives the exit code. */
async function run(argv: readonly string[], host: CommandHost | undefined): Promise<number> {
  let connected: Promise<Client> | undefined;
  const client = () => {
    connected ??= import('./client.ts').then(({ connect }) => connect(host?.openSession));
    return connected;
  };
  const interrupt = listenForInterrupt();
  let failureExitCode: number = ExitCode.failed;
  try {
    const { name, load, args } = findVerb(argv);
    const command = await load();
    failureExitCode = command.failureExitCode;
    return await command.invoke(args, { name, client, interrupt, takeTerminal: host && decline });
  } catch (error) {
    if (error instanceof Declined) throw error;
    if (interrupt.signal.aborted) return 128 + interrupt.number();
    if (error instanceof OutputClosed) return ExitCode.outputClosed;
    reportFailure(error);
    return exitCodeOf(error, failureExitCode);
  } finally {
    await connected?.then(
      connection => connection.close(),
      () => undefined,
    );
  }
}

function exitCodeOf(error: unknown, failureExitCode: number): number {
  if (error instanceof CliFailure) return error.exitCode;
  if (error instanceof SampanError && error.code === 'command-not-found') return ExitCode.notFound;
  if (error instanceof SampanError && error.code === 'command-not-executable') return ExitCode.notExecutable;
  return failureExitCode;
}

/** The first signal asks the verb to stop; the second ends the command at once. */
function listenForInterrupt(): Interrupt & { number(): number } {
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
  const controller = new AbortController();
  let received = 0;
  const onSignal = (signal: keyof typeof numbers) => {
    if (received > 0) process.exit(128 + received);
    received = numbers[signal];
    controller.abort();
  };
  const names = Object.keys(numbers) as (keyof typeof numbers)[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    number: () => received,
    release: () => {
      for (const name of names) process.off(name, onSignal);
      return received;
    },
  };
}

/** A pipe that is full takes the rest later; leaving before that would lose it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()));
}
