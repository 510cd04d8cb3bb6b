import { toRange } from '../syntax/position.ts';
import type { Span, Tree } from '../syntax/tree.ts';
import { type CompletionItem, completionKind } from './types.ts';

/** A proposal before it is tied to the file: `text` replaces `span`. */
export type Proposal = Omit<CompletionItem, 'textEdit'> & { readonly text: string; readonly span: Span };

/** Asks the editor to complete again behind what was taken, where more is to be chosen. */
export const completeAgain = { title: 'Complete', command: 'editor.action.triggerSuggest' };

/** Words to choose from, some with what they mean. A table must not have numbers as keys: they would come first. */
export type Words =
  | readonly (string | readonly [word: string, detail: string])[]
  | Readonly<Record<string, string>>;

/** Proposals of words, offered in their order. */
export function choices(words: Words, span: Span, kind: number = completionKind.value): Proposal[] {
  const list = isList(words) ? words : Object.entries(words);
  return list.map((entry, index): Proposal => {
    const [word, detail] = typeof entry === 'string' ? [entry] : entry;
    const sortText = String(index).padStart(4, '0');
    return { label: word, kind, ...(detail && { detail }), sortText, text: word, span };
  });
}

function isList(words: Words): words is Extract<Words, readonly unknown[]> {
  return Array.isArray(words);
}

/** The item for a proposal. */
export function toItem(
  lines: Pick<Tree, 'text' | 'lineStarts'>,
  { text, span, ...item }: Proposal,
): CompletionItem {
  return { ...item, textEdit: { range: toRange(lines, span), newText: text } };
}
