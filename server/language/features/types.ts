import type { Position, Range } from '../syntax/position.ts';
import type { CompletionSubject } from './resolveCompletion.ts';

/**
 * What the features give: plain objects in the shapes and with the numbers of the language server protocol 3.17,
 * so that they can be sent as they are.
 */

export const severity = { error: 1, warning: 2, information: 3, hint: 4 } as const;

export interface Diagnostic {
  readonly range: Range;
  readonly severity: 1 | 2 | 3 | 4;
  readonly code: string;
  readonly codeDescription?: { readonly href: string };
  readonly source: 'sampan';
  readonly message: string;
  /** 1 is shown faded, 2 struck through. */
  readonly tags?: (1 | 2)[];
}

export const diagnosticTag = { unnecessary: 1, deprecated: 2 } as const;

export interface MarkupContent {
  readonly kind: 'markdown';
  readonly value: string;
}

export const completionKind = {
  text: 1,
  function: 3,
  class: 7,
  variable: 6,
  module: 9,
  property: 10,
  value: 12,
  keyword: 14,
  snippet: 15,
  file: 17,
  reference: 18,
  folder: 19,
  enumMember: 20,
  constant: 21,
} as const;

export interface CompletionItem {
  readonly label: string;
  readonly kind: number;
  readonly detail?: string;
  readonly documentation?: MarkupContent;
  readonly sortText?: string;
  readonly filterText?: string;
  /** 2: `newText` has the placeholders of a snippet. */
  readonly insertTextFormat?: 1 | 2;
  readonly textEdit: TextEdit;
  /** Asks the editor to complete again, behind a `=`. */
  readonly command?: { readonly title: string; readonly command: string };
  /** What `completionItem/resolve` describes. */
  readonly data?: CompletionSubject;
}

export interface CompletionList {
  /** There may be more when it is asked again. */
  readonly isIncomplete: boolean;
  readonly items: readonly CompletionItem[];
}

export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

export interface Hover {
  readonly range: Range;
  readonly contents: MarkupContent;
}

export const symbolKind = {
  module: 2,
  class: 5,
  method: 6,
  property: 7,
  function: 12,
  variable: 13,
  constant: 14,
} as const;

export interface DocumentSymbol {
  readonly name: string;
  readonly detail?: string;
  readonly kind: number;
  readonly range: Range;
  readonly selectionRange: Range;
  readonly children?: readonly DocumentSymbol[];
}

export interface DocumentLink {
  readonly range: Range;
  /** A URI. */
  readonly target: string;
  readonly tooltip?: string;
}

export const inlayHintKind = { type: 1, parameter: 2 } as const;

export interface InlayHint {
  readonly position: Position;
  readonly label: string;
  /** By which clients tell the two sorts apart. */
  readonly kind: 1 | 2;
  readonly paddingLeft: boolean;
}

export interface FoldingRange {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind?: 'comment' | 'region';
}

export interface DocumentHighlight {
  readonly range: Range;
  /** 2 reads, 3 writes. */
  readonly kind: 2 | 3;
}

export interface CodeAction {
  readonly title: string;
  readonly kind: 'quickfix' | 'source.fixAll' | 'refactor.extract' | 'refactor.rewrite';
  readonly isPreferred?: boolean;
  readonly diagnostics?: readonly Diagnostic[];
  readonly edits: readonly TextEdit[];
  /** Lines for the end of the ignore file of the build context. */
  readonly ignoreLines?: readonly string[];
}

export interface SignatureInformation {
  readonly label: string;
  readonly documentation: MarkupContent;
  readonly parameters: readonly {
    readonly label: readonly [start: number, end: number];
    readonly documentation?: MarkupContent;
  }[];
  readonly activeParameter: number;
}

export interface SignatureHelp {
  readonly signatures: readonly SignatureInformation[];
  readonly activeSignature: number;
  readonly activeParameter: number;
}
