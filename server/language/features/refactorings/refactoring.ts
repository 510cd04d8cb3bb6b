import type { CheckResult } from '../../lint/check.ts';
import type { TextChange } from '../../lint/rule.ts';
import type { ShellScript } from '../../shell/script.ts';
import type { InstructionNode, Span } from '../../syntax/tree.ts';

/** What is selected. */
export interface Selection extends Span {
  readonly result: CheckResult;
  /** The instruction in which it begins. */
  readonly node: InstructionNode;
}

/** Another way to write what does the same. */
export interface Refactoring {
  readonly title: string;
  readonly kind: 'refactor.extract' | 'refactor.rewrite';
  readonly changes: readonly TextChange[];
}

/** Reads a selection; undefined when there is nothing to do there. */
export type Refactor = (selection: Selection) => Refactoring | undefined;

/** The script of an instruction, if a shell that is known reads it without mistake. */
export function soundScript(node: InstructionNode, scripts: readonly ShellScript[]): ShellScript | undefined {
  const script = scripts.find(one => one.node === node);
  return script?.interpreter.dialect && !script.tree.errors ? script : undefined;
}

/** How the file ends its lines. */
export function lineEnd(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}
