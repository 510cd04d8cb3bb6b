import { type FlagDocumentation, instructionDocumentation } from '../instructions/documentation.ts';
import type { InstructionName } from '../syntax/tree.ts';
import type { MarkupContent } from './types.ts';

/** Markdown for the editor. */
export function markdown(value: string): MarkupContent {
  return { kind: 'markdown', value };
}

/** A block of Dockerfile code. */
export function codeBlock(code: string): string {
  return `\`\`\`dockerfile\n${code}\n\`\`\``;
}

/** Inline code, also for text with backticks. */
export function inlineCode(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text}${fence}`;
}

/** All about an instruction. */
export function describeInstruction(name: InstructionName): string {
  const { summary, forms, example, flags } = instructionDocumentation[name];
  const lines = Object.entries(flags).map(([flag, { summary: text }]) => `- \`--${flag}\`: ${text}`);
  const parts = [codeBlock(forms.join('\n')), summary, ...(lines.length > 0 ? [lines.join('\n')] : [])];
  return [...parts, codeBlock(example)].join('\n\n');
}

/** A flag of an instruction; undefined when it has none of that name. */
export function findFlagDocumentation(
  name: InstructionName | undefined,
  flag: string,
): FlagDocumentation | undefined {
  const flags = name && instructionDocumentation[name].flags;
  return flags && Object.hasOwn(flags, flag) ? flags[flag] : undefined;
}
