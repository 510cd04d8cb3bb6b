import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Absent, Benchmark, Contender } from './harness.ts';

const root = join(import.meta.dirname, '../..');
const incumbent = join(root, 'node_modules/dockerfile-language-server-nodejs/bin/docker-langserver');

/** Keystroke to published diagnostics, over stdio as an editor does it. */
export const diagnostics: readonly Benchmark[] = [50, 1000, 20_000].map(lines => ({
  name: `diagnostics-${lines}`,
  what: `keystroke to published diagnostics, ${lines} lines`,
  rounds: lines > 10_000 ? 9 : 31,
  contenders: async () => [
    await languageServer('sampan', { args: [join(root, 'dist/server.js'), '--stdio'], lines }),
    await languageServer('dockerfile-language-server-nodejs', { args: [incumbent, '--stdio'], lines }),
  ],
}));

/** A file of real instructions with a finding at its end. */
function sampleText(lines: number): string {
  const body = [
    'ENV APP_HOME=/opt/app LANG=C.UTF-8',
    'RUN apt-get update && \\',
    '    apt-get install -y --no-install-recommends curl && \\',
    '    rm -rf /var/lib/apt/lists/*',
    'COPY --chown=1000:1000 src/ /app/src/',
    'LABEL org.example.stage="build"',
    '# a comment between instructions',
    'WORKDIR /app',
    'ARG VERSION=1.2.3',
    'RUN make VERSION=$VERSION',
  ];
  const text = ['FROM debian:12 AS build'];
  while (text.length < lines - 1) text.push(body[text.length % body.length] ?? '');
  return `${text.join('\n')}\nEXPOSE 80a\n`;
}

async function languageServer(
  name: string,
  { args, lines }: { args: readonly string[]; lines: number },
): Promise<Contender | Absent> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const uri = 'file:///bench/Dockerfile';
  let published: ((version: number | undefined) => void) | undefined;
  connection.onNotification('textDocument/publishDiagnostics', (params: { version?: number }) =>
    published?.(params.version),
  );
  connection.onRequest('workspace/configuration', (params: { items: unknown[] }) =>
    params.items.map(() => null),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
  });
  await connection.sendNotification('initialized', {});

  const answer = () =>
    new Promise<void>(resolve => {
      published = () => resolve();
    });
  const opened = answer();
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'dockerfile', version: 1, text: sampleText(lines) },
  });
  await opened;
  let version = 1;
  // Each keystroke changes the finding on the last line, so that the list differs and must be published.
  const last = sampleText(lines).split('\n').length - 2;
  return {
    name,
    run: async () => {
      version += 1;
      const start = performance.now();
      const done = answer();
      const position = { line: last, character: 'EXPOSE 80a'.length };
      await connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: { start: position, end: position }, text: 'b' }],
      });
      await done;
      return performance.now() - start;
    },
    close: async () => {
      connection.dispose();
      child.kill();
    },
  };
}
