import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';

const entry = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

export interface RunningServer {
  readonly connection: MessageConnection;
  readonly process: ChildProcess;
  /** Ends the client's side and waits for the server to leave; its exit code. */
  leave(): Promise<number | null>;
}

/** A server process on stdio, as an editor starts it. `environment` chooses its state folders. */
export function startServer(environment: NodeJS.ProcessEnv = {}): RunningServer {
  const child = spawn(process.execPath, [entry, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the server has no pipes');
  const connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
  connection.listen();
  const exited = once(child, 'exit');
  return {
    connection,
    process: child,
    async leave() {
      connection.end();
      stdin.end();
      const [code] = await exited;
      connection.dispose();
      return code;
    },
  };
}
