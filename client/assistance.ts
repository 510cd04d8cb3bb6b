import type * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { setting } from './settings.ts';

/** LSP 3.17 InlayHintKind: the server marks values of variables with the one, numbers of stages with the other. */
const variableHint = 1;

/**
 * What the server offers beside findings, as far as the user wants it from us: with another Dockerfile language server
 * everything would be there twice. Hints are shown as their settings say.
 */
export function assistance(): Middleware {
  /** The answer where we assist, nothing elsewhere. */
  const ask = <T>(document: vscode.TextDocument, next: () => T): T | undefined =>
    assists(document) ? next() : undefined;
  return {
    provideCompletionItem: (document, position, context, token, next) =>
      ask(document, () => next(document, position, context, token)),
    provideHover: (document, position, token, next) => ask(document, () => next(document, position, token)),
    provideSignatureHelp: (document, position, context, token, next) =>
      ask(document, () => next(document, position, context, token)),
    provideDefinition: (document, position, token, next) =>
      ask(document, () => next(document, position, token)),
    provideDocumentHighlights: (document, position, token, next) =>
      ask(document, () => next(document, position, token)),
    provideDocumentSymbols: (document, token, next) => ask(document, () => next(document, token)),
    provideDocumentLinks: (document, token, next) => ask(document, () => next(document, token)),
    provideFoldingRanges: (document, context, token, next) =>
      ask(document, () => next(document, context, token)),
    provideDocumentFormattingEdits: (document, options, token, next) =>
      ask(document, () => next(document, options, token)),
    provideDocumentRangeFormattingEdits: (document, range, options, token, next) =>
      ask(document, () => next(document, range, options, token)),
    provideOnTypeFormattingEdits: (document, position, character, options, token, next) =>
      ask(document, () => next(document, position, character, options, token)),
    provideInlayHints: async (document, range, token, next) => {
      const wanted = {
        stages: setting('sampan.inlayHints.stages', document.uri),
        variables: setting('sampan.inlayHints.variables', document.uri),
      };
      if (!assists(document) || !(wanted.stages || wanted.variables)) return [];
      const hints = await next(document, range, token);
      return hints?.filter(({ kind }) => (kind === variableHint ? wanted.variables : wanted.stages));
    },
  };
}

/** Ignore files are served by nobody else. */
function assists(document: vscode.TextDocument): boolean {
  return document.languageId !== 'dockerfile' || setting('sampan.language.assistance', document.uri);
}
