import type { MessageConnection } from 'vscode-jsonrpc/node';
import type {
  SemanticTokens,
  SemanticTokensDelta,
  SemanticTokensDeltaParams,
  SemanticTokensOptions,
  SemanticTokensParams,
  SemanticTokensRangeParams,
} from 'vscode-languageserver';
import { semanticTokens, tokenTypes } from '../../language/features/semanticTokens.ts';
import { tokensEdits } from '../../language/features/tokenEncoder.ts';
import type { CheckResult } from '../../language/index.ts';

/** LSP 3.17 SemanticTokensOptions. */
export const semanticTokensOptions: SemanticTokensOptions = {
  legend: { tokenTypes: [...tokenTypes], tokenModifiers: [] },
  full: { delta: true },
  range: true,
};

/**
 * Answers the requests for semantic tokens. What a client got last for a document is remembered, so that the next answer
 * says only what is different. `checkOf` gives undefined for a document that is not open.
 */
export function serveSemanticTokens(
  connection: MessageConnection,
  checkOf: (uri: string) => CheckResult | undefined,
): { readonly forget: (uri: string) => void } {
  const sent = new Map<string, { readonly resultId: string; readonly data: number[] }>();
  let results = 0;
  const remember = (uri: string, data: number[]): Required<SemanticTokens> => {
    const tokens = { resultId: String(++results), data };
    sent.set(uri, tokens);
    return tokens;
  };
  const method = 'textDocument/semanticTokens';
  connection.onRequest(`${method}/full`, ({ textDocument: { uri } }: SemanticTokensParams) => {
    const result = checkOf(uri);
    return result ? remember(uri, semanticTokens(result)) : null;
  });
  connection.onRequest<SemanticTokens | SemanticTokensDelta | null, unknown>(
    `${method}/full/delta`,
    ({ textDocument: { uri }, previousResultId }: SemanticTokensDeltaParams) => {
      const result = checkOf(uri);
      if (!result) return null;
      const before = sent.get(uri);
      const tokens = remember(uri, semanticTokens(result));
      if (before?.resultId !== previousResultId) return tokens;
      const edits = tokensEdits(before.data, tokens.data).map(edit => ({ ...edit, data: [...edit.data] }));
      return { resultId: tokens.resultId, edits };
    },
  );
  connection.onRequest(`${method}/range`, ({ textDocument: { uri }, range }: SemanticTokensRangeParams) => {
    const result = checkOf(uri);
    return result ? { data: semanticTokens(result, range) } : null;
  });
  return { forget: uri => void sent.delete(uri) };
}
