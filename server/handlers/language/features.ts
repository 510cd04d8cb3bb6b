import { type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import type {
  CodeAction,
  CodeActionParams,
  CompletionParams,
  DocumentFormattingParams,
  DocumentLinkParams,
  DocumentOnTypeFormattingParams,
  DocumentRangeFormattingParams,
  HoverParams,
  InlayHintParams,
  ReferenceParams,
  RenameParams,
  SelectionRangeParams,
  ServerCapabilities,
  TextDocumentPositionParams,
  WorkspaceEdit,
} from 'vscode-languageserver';
import { codeActions } from '../../language/features/codeActions.ts';
import { resolveCompletion } from '../../language/features/completion.ts';
import { documentSymbols } from '../../language/features/documentSymbols.ts';
import { foldingRanges } from '../../language/features/folding.ts';
import { formatting } from '../../language/features/formatting.ts';
import { hover } from '../../language/features/hover.ts';
import { inlayHints } from '../../language/features/inlayHints.ts';
import { linkedEditingRanges } from '../../language/features/linkedEditing.ts';
import {
  definition,
  highlights,
  prepareRename,
  references,
  rename,
} from '../../language/features/navigation.ts';
import { formatOnType, onTypeTriggers } from '../../language/features/onType.ts';
import { selectionRanges } from '../../language/features/selectionRanges.ts';
import { signatureHelp } from '../../language/features/signatureHelp.ts';
import type { CompletionItem, TextEdit } from '../../language/features/types.ts';
import type { CheckResult, Inspection } from '../../language/index.ts';
import type { Analysis } from './analyses.ts';
import { complete } from './completionRequest.ts';
import type { ContextFolders } from './contextFolders.ts';
import type { IgnoreDocuments } from './ignoreDocuments.ts';
import { links } from './linkRequest.ts';
import type { LocalStore } from './localStore.ts';
import { notebookOptions } from './notebooks.ts';
import { semanticTokensOptions } from './semanticTokens.ts';

/** What the server can do besides text and diagnostics (LSP 3.17 ServerCapabilities). */
export const featureCapabilities: ServerCapabilities = {
  completionProvider: {
    triggerCharacters: [' ', '-', '=', ',', '$', '{', ':', '/', '@', '"', '#'],
    resolveProvider: true,
  },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: [' ', '=', ','] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  documentOnTypeFormattingProvider: {
    firstTriggerCharacter: onTypeTriggers[0],
    moreTriggerCharacter: [...onTypeTriggers.slice(1)],
  },
  documentLinkProvider: { resolveProvider: false },
  linkedEditingRangeProvider: true,
  inlayHintProvider: true,
  workspaceSymbolProvider: true,
  notebookDocumentSync: notebookOptions,
  codeActionProvider: {
    codeActionKinds: ['quickfix', 'refactor.extract', 'refactor.rewrite', 'source.fixAll'],
  },
  semanticTokensProvider: semanticTokensOptions,
};

export interface FeatureServices {
  /** What is known of an open document as it is now; undefined for one that is not open. */
  readonly analysisOf: (uri: string) => Analysis | undefined;
  readonly store: Pick<LocalStore, 'images' | 'tags' | 'accounts'>;
  readonly folders: ContextFolders;
  /** The folder of the build context of a Dockerfile; undefined for what is no file. */
  readonly contextOf: (uri: string) => string | undefined;
  /** The edit that adds lines to the ignore file of a Dockerfile; undefined when it cannot be made. */
  readonly ignoreFileEditOf: (uri: string, lines: readonly string[]) => WorkspaceEdit | undefined;
  readonly ignoreDocuments: Pick<IgnoreDocuments, 'completion' | 'hover'>;
}

/** Answers the requests about places in a document. Each is a pure function of its check. */
export function serveFeatures(connection: MessageConnection, services: FeatureServices): void {
  const { analysisOf } = services;
  /** Registers `textDocument/<method>`; undefined is sent as null. */
  const on = <P extends { textDocument: { uri: string } }>(
    method: string,
    answer: (result: CheckResult, params: P) => object | undefined,
  ) =>
    connection.onRequest<object | null, unknown>(`textDocument/${method}`, (params: P) => {
      const analysis = analysisOf(params.textDocument.uri);
      return analysis === undefined ? null : (answer(analysis.result, params) ?? null);
    });
  const at = (
    method: string,
    answer: (result: CheckResult, place: TextDocumentPositionParams) => object | undefined,
  ) => on(method, answer);

  connection.onRequest('textDocument/completion', (params: CompletionParams) => complete(services, params));
  connection.onRequest('completionItem/resolve', (item: CompletionItem) => resolveCompletion(item));
  const sources = { images: () => services.store.images() };
  connection.onRequest('textDocument/hover', (params: HoverParams) => {
    const ofIgnoreFile = services.ignoreDocuments.hover(params);
    if (ofIgnoreFile !== undefined) return ofIgnoreFile;
    const result = analysisOf(params.textDocument.uri)?.result;
    return (result && hover(result, params.position, sources)) ?? null;
  });
  at('signatureHelp', (result, { position }) => signatureHelp(result, position));
  at('documentHighlight', (result, { position }) => highlights(result, position));
  at('prepareRename', (result, { position }) => prepareRename(result, position));
  at('definition', (result, { position, textDocument: { uri } }) => {
    const range = definition(result, position);
    return range && { uri, range };
  });
  on('references', (result, { position, context, textDocument: { uri } }: ReferenceParams) =>
    references(result, position, context).map(range => ({ uri, range })),
  );
  on('rename', (result, { position, newName, textDocument: { uri } }: RenameParams) => {
    const renamed = rename(result, position, newName);
    if (renamed.problem !== undefined) throw new ResponseError(requestFailed, renamed.problem);
    return workspaceEdit(uri, renamed.edits);
  });
  on('formatting', (result, { options }: DocumentFormattingParams) => formatting(result, undefined, options));
  on('rangeFormatting', (result, { range, options }: DocumentRangeFormattingParams) =>
    formatting(result, range, options),
  );
  connection.onRequest('textDocument/codeAction', (params: CodeActionParams) => {
    const analysis = analysisOf(params.textDocument.uri);
    return analysis === undefined ? null : toCodeActions(analysis.inspection, params, services);
  });
  on('onTypeFormatting', (result, { position, ch, options }: DocumentOnTypeFormattingParams) =>
    formatOnType(result, { position, character: ch, options }),
  );
  at('linkedEditingRange', (result, { position }) => linkedEditingRanges(result, position));
  on('inlayHint', (result, { range }: InlayHintParams) => inlayHints(result, range));
  connection.onRequest('textDocument/documentLink', (params: DocumentLinkParams) => links(services, params));
  on('documentSymbol', documentSymbols);
  on('selectionRange', (result, { positions }: SelectionRangeParams) => selectionRanges(result, positions));
  on('foldingRange', result => foldingRanges(result));
}

// LSP 3.17 ErrorCodes.RequestFailed: a request that is well-formed but cannot be done.
const requestFailed = -32803;

/** The actions for a range, each with its edits as the protocol wants them ("Code Action Request"). */
function toCodeActions(
  inspection: Inspection,
  { range, context, textDocument: { uri } }: CodeActionParams,
  { ignoreFileEditOf }: Pick<FeatureServices, 'ignoreFileEditOf'>,
): CodeAction[] {
  return codeActions(inspection, range, context.only).flatMap(
    ({ edits, diagnostics, ignoreLines, ...action }) => {
      const edit = ignoreLines ? ignoreFileEditOf(uri, ignoreLines) : workspaceEdit(uri, edits);
      if (edit === undefined) return [];
      return [{ ...action, ...(diagnostics && { diagnostics: [...diagnostics] }), edit }];
    },
  );
}

function workspaceEdit(uri: string, edits: readonly TextEdit[]): WorkspaceEdit {
  return { changes: { [uri]: [...edits] } };
}
