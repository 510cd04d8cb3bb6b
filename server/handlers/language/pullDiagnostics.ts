import type { MessageConnection } from 'vscode-jsonrpc/node';
import type {
  Diagnostic,
  DiagnosticOptions,
  DocumentDiagnosticParams,
  DocumentDiagnosticReport,
} from 'vscode-languageserver';
import { diagnostics } from '../../language/features/diagnostics.ts';
import type { Inspection } from '../../language/index.ts';
import type { Analysis } from './analyses.ts';

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
 * as it can be asked.
 */
export function servePullDiagnostics(
  connection: MessageConnection,
  options: {
    readonly analysisOf: (uri: string) => Analysis | undefined;
    /** Findings of an open ignore file; undefined for what is none. */
    readonly ignoreFindings: (uri: string) => Promise<readonly Diagnostic[] | undefined>;
    readonly canRefresh: () => boolean;
  },
): PullDiagnostics {
  const { analysisOf, ignoreFindings, canRefresh } = options;
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
    ({ textDocument, previousResultId }: DocumentDiagnosticParams) =>
      reportOf(textDocument.uri, previousResultId),
  );
  const refresh = (): void => {
    // A client that is leaving does not answer.
    if (canRefresh()) connection.sendRequest('workspace/diagnostic/refresh').catch(() => {});
  };
  return { reportOf, refresh };
}
