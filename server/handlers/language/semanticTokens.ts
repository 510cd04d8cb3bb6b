import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type {
  SemanticTokens,
  SemanticTokensDelta,
  SemanticTokensDeltaParams,
  SemanticTokensOptions,
  SemanticTokensParams,
  SemanticTokensRangeParams,
} from 'vscode-languageserver';
import { semanticTokenSteps, semanticTokens, tokenTypes } from '../../language/features/semanticTokens.ts';
import { tokensEdits } from '../../language/features/tokenEncoder.ts';
import type { Analysis } from './analyses.ts';
import { cancelled } from './cancelled.ts';
import type { Inbox } from './inbox.ts';

/** LSP 3.17 SemanticTokensOptions. */
export const semanticTokensOptions: SemanticTokensOptions = {
  legend: { tokenTypes: [...tokenTypes], tokenModifiers: [] },
  full: { delta: true },
  range: true,
};

export interface SemanticTokensServices {
  /** What is known of an open document as it is now; undefined for one that is not open. */
  readonly analysisOf: (uri: string) => Pick<Analysis, 'result'> | undefined;
  readonly inbox: Pick<Inbox, 'work'>;
}

/**
 * Answers the requests for semantic tokens. What a client got last for a document is remembered, so that the next answer
 * says only what is different. Those of a large file give way to other messages.
 */
export function serveSemanticTokens(
  connection: MessageConnection,
  services: SemanticTokensServices,
): { readonly forget: (uri: string) => void } {
  const sent = new Map<string, Required<SemanticTokens>>();
  let results = 0;
  /** All tokens of a document; undefined for one that is not open. */
  const read = async (
    uri: string,
    token: CancellationToken,
  ): Promise<Required<SemanticTokens> | undefined> => {
    const data = await readTokens(services, uri, token);
    if (!data) return undefined;
    const tokens = { resultId: String(++results), data };
    sent.set(uri, tokens);
    return tokens;
  };
  const method = 'textDocument/semanticTokens';
  connection.onRequest(
    `${method}/full`,
    async ({ textDocument: { uri } }: SemanticTokensParams, token: CancellationToken) =>
      (await read(uri, token)) ?? null,
  );
  connection.onRequest<SemanticTokens | SemanticTokensDelta | null, unknown>(
    `${method}/full/delta`,
    async (
      { textDocument: { uri }, previousResultId }: SemanticTokensDeltaParams,
      token: CancellationToken,
    ) => {
      const before = sent.get(uri);
      const tokens = await read(uri, token);
      if (!tokens || before?.resultId !== previousResultId) return tokens ?? null;
      const edits = tokensEdits(before.data, tokens.data).map(edit => ({ ...edit, data: [...edit.data] }));
      return { resultId: tokens.resultId, edits };
    },
  );
  connection.onRequest(`${method}/range`, ({ textDocument: { uri }, range }: SemanticTokensRangeParams) => {
    const result = services.analysisOf(uri)?.result;
    return result ? { data: semanticTokens(result, range) } : null;
  });
  return { forget: uri => void sent.delete(uri) };
}

/** Begins again when the document changes meanwhile, so that the tokens are those of the text as the client has it. */
async function readTokens(
  { analysisOf, inbox }: SemanticTokensServices,
  uri: string,
  token: CancellationToken,
): Promise<number[] | undefined> {
  for (;;) {
    const result = analysisOf(uri)?.result;
    if (!result) return undefined;
    const isObsolete = () => token.isCancellationRequested || analysisOf(uri)?.result !== result;
    const data = await inbox.work(semanticTokenSteps(result), isObsolete);
    if (data) return data;
    if (token.isCancellationRequested) throw cancelled();
  }
}
