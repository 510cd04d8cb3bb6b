import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type {
  Diagnostic,
  DiagnosticOptions,
  DocumentDiagnosticParams,
  DocumentDiagnosticReport,
} from 'vscode-languageserver';
import { diagnostics } from '../../language/features/diagnostics.ts';
import type { Inspection } from '../../language/index.ts';
import type { Analysis } from './analyses.ts';
import { cancelled } from './cancelled.ts';
import type { Inbox } from './inbox.ts';

/** LSP 3.17 DiagnosticOptions. */
export const diagnosticOptions: DiagnosticOptions = {
  identifier: 'sampan',
  interFileDependencies: false,
  workspaceDiagnostics: true,
};

export interface PullDiagnostics {
  /** What is told of an open document to a client that has an older answer, or none. */
  readonly reportOf: (uri: string, previousResultId?: string) => Promise<DocumentDiagnosticReport>;
  readonly refresh: () => void;
}

/**
 * Answers clients that ask for diagnostics (LSP 3.17 "Pull Diagnostics"). `refresh` asks such a client to ask again, as far
 * as it can be asked. Whatever else the client waits for comes first.
 */
export function servePullDiagnostics(
  connection: MessageConnection,
  options: {
    readonly analysisOf: (uri: string) => Analysis | undefined;
    /** Findings of an open ignore file; undefined for what is none. */
    readonly ignoreFindings: (uri: string) => Promise<readonly Diagnostic[] | undefined>;
    readonly canRefresh: () => boolean;
    readonly inbox: Pick<Inbox, 'emptied'>;
  },
): PullDiagnostics {
  const { analysisOf, ignoreFindings, canRefresh, inbox } = options;
  const ids = new WeakMap<Inspection, string>();
  let last = 0;
  const idOf = (inspection: Inspection): string => {
    const id = ids.get(inspection) ?? String(++last);
    ids.set(inspection, id);
    return id;
  };
  const reportOf = async (uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> => {
    const inspection = analysisOf(uri)?.inspection;
    if (!inspection) return { kind: 'full', items: [...((await ignoreFindings(uri)) ?? [])] };
    const resultId = idOf(inspection);
    if (previousResultId === resultId) return { kind: 'unchanged', resultId };
    return { kind: 'full', resultId, items: diagnostics(inspection) };
  };
  connection.onRequest<DocumentDiagnosticReport, unknown>(
    'textDocument/diagnostic',
    async ({ textDocument, previousResultId }: DocumentDiagnosticParams, token: CancellationToken) => {
      await inbox.emptied();
      if (token.isCancellationRequested) throw cancelled();
      return reportOf(textDocument.uri, previousResultId);
    },
  );
  const refresh = (): void => {
    // A client that is leaving does not answer.
    if (canRefresh()) connection.sendRequest('workspace/diagnostic/refresh').catch(() => {});
  };
  return { reportOf, refresh };
}
