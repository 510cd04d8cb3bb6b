import {
  directiveDocumentation,
  mountKeyDocumentation,
  mountTypeDocumentation,
} from '../instructions/documentation.ts';
import { findInstructionName } from '../instructions/names.ts';
import { findEditorRule } from '../lint/editorRules.ts';
import { findRule } from '../lint/rules.ts';
import { codeBlock, describeInstruction, findFlagDocumentation, markdown } from './describe.ts';
import { snippets } from './snippets.ts';
import type { CompletionItem } from './types.ts';

/** What the documentation of an item is about; goes to the editor and back with it. */
export type CompletionSubject =
  | {
      readonly kind: 'instruction' | 'directive' | 'rule' | 'mount-type' | 'mount-key';
      readonly name: string;
    }
  | { readonly kind: 'flag'; readonly instruction: string; readonly name: string }
  | { readonly kind: 'snippet'; readonly name: string };

/** An item with its documentation, if there is some. Items of others come back as they are. */
export function resolveCompletion(item: CompletionItem): CompletionItem {
  const text = item.data && describe(item.data);
  return text ? { ...item, documentation: markdown(text) } : item;
}

function describe(subject: CompletionSubject): string | undefined {
  switch (subject.kind) {
    case 'instruction': {
      const name = findInstructionName(subject.name);
      return name && describeInstruction(name);
    }
    case 'flag':
      return findFlagDocumentation(findInstructionName(subject.instruction), subject.name)?.summary;
    case 'directive':
      return entry(directiveDocumentation, subject.name);
    case 'mount-type':
      return entry(mountTypeDocumentation, subject.name);
    case 'mount-key':
      return entry(mountKeyDocumentation, subject.name)?.summary;
    case 'rule': {
      const rule = findRule(subject.name) ?? findEditorRule(subject.name);
      return rule && `${rule.summary}\n\n${rule.documentation}`;
    }
    case 'snippet': {
      const snippet = snippets.find(({ label }) => label === subject.name);
      return snippet && `${snippet.detail}\n\n${codeBlock(withoutPlaceholders(snippet.text))}`;
    }
  }
}

function entry<T>(table: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function withoutPlaceholders(text: string): string {
  return text.replace(/\$\{\d+:([^}]*)\}|\$\d+/g, '$1');
}
