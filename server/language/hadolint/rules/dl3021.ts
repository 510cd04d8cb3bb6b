import type { CopyInstruction } from '../../instructions/types.ts';
import type { InstructionRule } from '../../lint/editorRule.ts';
import type { Fix } from '../../lint/rule.ts';
import { unquote } from '../quotes.ts';

/** Several files are copied into a folder. */
export const dl3021: InstructionRule = {
  id: 'DL3021',
  source: 'hadolint',
  scope: 'instruction',
  on: ['COPY'],
  severity: 'warning',
  summary: 'The destination of a COPY with several sources ends with a slash',
  documentation:
    'Several sources can only go into a folder. A slash at its end says that it is one, also when it is not there yet.\n\n```dockerfile\nCOPY package.json package-lock.json ./\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'COPY') return;
    const { sources, inlineFiles, destination } = instruction;
    if (sources.length + inlineFiles.length < 2 || unquote(destination.text).endsWith('/')) return;
    const { start, end } = destination;
    const fix = withSlash(instruction);
    const message = 'Several sources go into a folder: end the destination with /';
    yield { start, end, message, ...(fix && { fix }) };
  },
};

function withSlash({ destination: { start, end, text }, node }: CopyInstruction): Fix | undefined {
  // Quotes are part of the text but for those of JSON.
  const at = node.json || /["']$/.test(text) ? end - 1 : end;
  if (end - start !== text.length + (node.json ? 2 : 0)) return undefined;
  return { title: 'Add /', changes: [{ start: at, end: at, text: '/' }] };
}
