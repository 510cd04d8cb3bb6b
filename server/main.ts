import { setFlagsFromString } from 'node:v8';
import {
  createMessageConnection,
  type DataCallback,
  type Disposable,
  Message,
  type ResponseMessage,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { readEnvironment } from './handlers/environment.ts';
import { cancelled } from './handlers/language/cancelled.ts';
import { MemoryRest } from './handlers/memoryRest.ts';
import { openEngine } from './handlers/openEngine.ts';
import { serve } from './handlers/server.ts';

// Memory that a server keeps for itself is memory that the user misses. The young generation stays at its first
// megabyte: what a keystroke leaves behind is gone by the next. The old one may grow by two fifths before it is collected
// instead of up to fourfold.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=40');

/** `dist/server.js --stdio`: serves one editor window on stdin and stdout, and leaves when it goes away. */
async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const { log } = environment;
  // Stdout is the protocol's: a stray print of any library must not land in it.
  const { stdout } = process;
  console.log = console.info = console.debug = (...words: unknown[]) => log('debug', words.join(' '));
  const rest = new MemoryRest();
  const connection = createMessageConnection(
    new WatchedReader(process.stdin, () => rest.stir()),
    new StreamMessageWriter(stdout),
    undefined,
    { connectionStrategy: { cancelUndispatched } },
  );
  const { orderly } = await serve(connection, {
    openEngine: () => openEngine(environment),
    version: process.env.SAMPAN_VERSION ?? '0.0.0',
    log,
  });
  process.exit(orderly ? 0 : 1);
}

/** Tells of each message that comes. */
class WatchedReader extends StreamMessageReader {
  readonly #onMessage: () => void;

  constructor(input: NodeJS.ReadableStream, onMessage: () => void) {
    super(input);
    this.#onMessage = onMessage;
  }

  override listen(callback: DataCallback): Disposable {
    return super.listen(message => {
      this.#onMessage();
      callback(message);
    });
  }
}

/** A request that is cancelled while it waits for its turn is answered at once and never begun. */
function cancelUndispatched(message: Message): ResponseMessage | undefined {
  if (!Message.isRequest(message)) return undefined;
  return { jsonrpc: '2.0', id: message.id, error: cancelled().toJson() };
}

if (process.argv.includes('--stdio')) void main();
else {
  process.stderr.write('sampan server: start it with --stdio; it speaks JSON-RPC on stdin and stdout.\n');
  process.exitCode = 2;
}
