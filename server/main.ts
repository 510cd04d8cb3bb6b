import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { readEnvironment } from './handlers/environment.ts';
import { openEngine } from './handlers/openEngine.ts';
import { serve } from './handlers/server.ts';

/** `dist/server.js --stdio`: serves one editor window on stdin and stdout, and leaves when it goes away. */
async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const { log } = environment;
  // Stdout is the protocol's: a stray print of any library must not land in it.
  const { stdout } = process;
  console.log = console.info = console.debug = (...words: unknown[]) => log('debug', words.join(' '));
  const connection = createMessageConnection(
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(stdout),
  );
  const { orderly } = await serve(connection, {
    openEngine: () => openEngine(environment),
    version: process.env.SAMPAN_VERSION ?? '0.0.0',
    log,
  });
  process.exit(orderly ? 0 : 1);
}

if (process.argv.includes('--stdio')) void main();
else {
  process.stderr.write('sampan server: start it with --stdio; it speaks JSON-RPC on stdin and stdout.\n');
  process.exitCode = 2;
}
