import type { MessageConnection } from 'vscode-jsonrpc/node';
import type {
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
  workspaceDiagnostics: false,
};

/**
 * Answers clients that ask for diagnostics (LSP 3.17 "Pull Diagnostics"). `refresh` asks such a client to ask again, as far
 * as it can be asked.
 */
export function servePullDiagnostics(
  connection: MessageConnection,
  options: {
    readonly analysisOf: (uri: string) => Analysis | undefined;
    readonly canRefresh: () => boolean;
  },
): { readonly refresh: () => void } {
  const { analysisOf, canRefresh } = options;
  const ids = new WeakMap<Inspection, string>();
  let last = 0;
  const idOf = (inspection: Inspection): string => {
    const id = ids.get(inspection) ?? String(++last);
    ids.set(inspection, id);
    return id;
  };
  connection.onRequest<DocumentDiagnosticReport, unknown>(
    'textDocument/diagnostic',
    ({ textDocument, previousResultId }: DocumentDiagnosticParams): DocumentDiagnosticReport => {
      const inspection = analysisOf(textDocument.uri)?.inspection;
      if (!inspection) return { kind: 'full', items: [] };
      const resultId = idOf(inspection);
      if (previousResultId === resultId) return { kind: 'unchanged', resultId };
      return { kind: 'full', resultId, items: diagnostics(inspection) };
    },
  );
  const refresh = (): void => {
    // A client that is leaving does not answer.
    if (canRefresh()) connection.sendRequest('workspace/diagnostic/refresh').catch(() => {});
  };
  return { refresh };
}
