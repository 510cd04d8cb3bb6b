import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type {
  DocumentDiagnosticReport,
  ProgressToken,
  WorkspaceDiagnosticParams,
  WorkspaceDiagnosticReport,
  WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { cancelled } from './cancelled.ts';
import type { ClosedFiles } from './closedFiles.ts';
import { localPath } from './localPath.ts';
import type { WorkspaceFiles } from './workspaceFiles.ts';

/** So many files are told of in one message, where the client takes partial results. */
const batch = 20;

export interface WorkspaceDiagnosticsOptions {
  readonly files: WorkspaceFiles;
  readonly closed: ClosedFiles;
  /** The documents that are open. */
  readonly open: () => readonly { readonly uri: string; readonly version: number }[];
  /** What a request for one of these would be answered. */
  readonly reportOf: (uri: string, previousResultId?: string) => Promise<DocumentDiagnosticReport>;
}

type Previous = ReadonlyMap<string, string>;

/**
 * Answers `workspace/diagnostic` (LSP 3.17 "Workspace Diagnostics"): the findings of all Dockerfiles and ignore files of the
 * workspace, of which those that the client has already are told to be unchanged. It gives way to other requests behind each file.
 */
export function serveWorkspaceDiagnostics(
  connection: MessageConnection,
  options: WorkspaceDiagnosticsOptions,
): void {
  connection.onRequest(
    'workspace/diagnostic',
    async (params: WorkspaceDiagnosticParams, token): Promise<WorkspaceDiagnosticReport> => {
      const { previousResultIds, partialResultToken } = params;
      const previous = new Map(previousResultIds.map(({ uri, value }) => [uri, value]));
      let items: WorkspaceDocumentDiagnosticReport[] = [];
      const flush = async (to: ProgressToken): Promise<void> => {
        await connection.sendNotification('$/progress', { token: to, value: { items } });
        items = [];
      };
      for await (const report of reports(options, previous, token)) {
        items.push(report);
        if (partialResultToken !== undefined && items.length >= batch) await flush(partialResultToken);
      }
      if (token.isCancellationRequested) throw cancelled();
      if (partialResultToken !== undefined && items.length > 0) await flush(partialResultToken);
      return { items };
    },
  );
}

async function* reports(
  { files, closed, open, reportOf }: WorkspaceDiagnosticsOptions,
  previous: Previous,
  token: CancellationToken,
): AsyncGenerator<WorkspaceDocumentDiagnosticReport> {
  // Clients encode URIs in their own ways: what they have said of a file is looked up by its path.
  const known = new Map([...previous.keys()].map(uri => [localPath(uri) ?? uri, uri]));
  for (const { uri, version } of open()) {
    if (token.isCancellationRequested) return;
    yield { ...(await reportOf(uri, previous.get(uri))), uri, version };
    known.delete(localPath(uri) ?? uri);
  }
  const { dockerfiles, ignoreFiles } = await files.list(token);
  const paths = [...dockerfiles, ...ignoreFiles];
  await closed.prepare(paths);
  for (const path of paths) {
    await turn();
    if (token.isCancellationRequested) return;
    if (open().some(({ uri }) => localPath(uri) === path)) continue;
    const found = await closed.findings(path, token);
    if (found === undefined) continue;
    const uri = known.get(path) ?? pathToFileURL(path).href;
    known.delete(path);
    const { resultId, items } = found;
    const isKnown = previous.get(uri) === resultId;
    yield isKnown
      ? { kind: 'unchanged', uri, version: null, resultId }
      : { kind: 'full', uri, version: null, resultId, items: [...items] };
  }
  if (token.isCancellationRequested) return;
  // What is gone has no findings any more.
  for (const uri of known.values()) yield { kind: 'full', uri, version: null, items: [] };
}
