import type { MessageConnection } from 'vscode-jsonrpc/node';
import type {
  CompletionParams,
  DocumentSymbolParams,
  FoldingRangeParams,
  HoverParams,
  SemanticTokensParams,
  SemanticTokensRangeParams,
  ServerCapabilities,
} from 'vscode-languageserver';
import { completion } from '../../language/features/completion.ts';
import { documentSymbols } from '../../language/features/documentSymbols.ts';
import { foldingRanges } from '../../language/features/folding.ts';
import { hover } from '../../language/features/hover.ts';
import { semanticTokens, tokenTypes } from '../../language/features/semanticTokens.ts';
import type { CheckResult } from '../../language/index.ts';

/** What the server can do besides text and diagnostics (LSP 3.17 ServerCapabilities). */
export const featureCapabilities: ServerCapabilities = {
  completionProvider: { triggerCharacters: ['-', '=', ',', '$', '{', ':', '/'] },
  hoverProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  semanticTokensProvider: {
    legend: { tokenTypes: [...tokenTypes], tokenModifiers: [] },
    full: true,
    range: true,
  },
};

/** Gives the check of an open document as it is now; undefined for one that is not open. */
export type CheckOf = (uri: string) => CheckResult | undefined;

/** Answers the requests about places in a document. Each is a pure function of its check. */
export function serveFeatures(
  connection: MessageConnection,
  { checkOf, images }: { readonly checkOf: CheckOf; readonly images: () => readonly string[] },
): void {
  const on = <P extends { textDocument: { uri: string } }>(
    method: string,
    answer: (result: CheckResult, params: P) => object | undefined,
  ) =>
    connection.onRequest<object | null, unknown>(method, (params: P) => {
      const result = checkOf(params.textDocument.uri);
      return result === undefined ? null : (answer(result, params) ?? null);
    });
  on('textDocument/completion', (result, { position }: CompletionParams) =>
    completion(result, position, { images: images() }),
  );
  on('textDocument/hover', (result, { position }: HoverParams) => hover(result, position));
  on('textDocument/documentSymbol', (result, _params: DocumentSymbolParams) => documentSymbols(result));
  on('textDocument/foldingRange', (result, _params: FoldingRangeParams) => foldingRanges(result));
  on('textDocument/semanticTokens/full', (result, _params: SemanticTokensParams) => ({
    data: semanticTokens(result),
  }));
  on('textDocument/semanticTokens/range', (result, { range }: SemanticTokensRangeParams) => ({
    data: semanticTokens(result, range),
  }));
}
