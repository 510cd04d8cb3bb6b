import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** Several sources are copied into a folder. */
export const destinationNotDirectory: InstructionRule = {
  id: 'DestinationNotDirectory',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: ['ADD', 'COPY'],
  isForTriggers: true,
  severity: 'warning',
  sameAs: ['DL3021'],
  summary: 'With several sources the destination ends in a slash',
  documentation:
    'Several files can only be copied into a folder. A slash at its end says that it is one; some builders refuse the instruction without it.\n\n```dockerfile\nCOPY package.json package-lock.json ./\n```',
  *check({ instruction, text }) {
    if (instruction.kind !== 'COPY' && instruction.kind !== 'ADD') return;
    const { sources, inlineFiles, destination } = instruction;
    if (sources.length + inlineFiles.length < 2) return;
    // `.` and `..` are folders; what a variable holds is not known.
    if (/(?:[\\/]|^\.|\/\.|\.\.|[$}][^/]*)$/.test(destination.text)) return;
    const span = spanOf(destination);
    const isPlain = text.slice(span.start, span.end) === destination.text;
    const fix = {
      title: 'Add a slash',
      changes: [{ start: span.end, end: span.end, text: '/' }],
    };
    const message = `${instruction.kind} with several sources needs a folder as its destination: let it end in a slash`;
    yield { ...span, message, ...(isPlain && { fix }) };
  },
};
