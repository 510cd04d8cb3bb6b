import type { InstructionNode } from '../../syntax/tree.ts';
import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** What looks like a JSON array is one. */
export const jsonInSingleQuotes: InstructionRule = {
  id: 'JSONInSingleQuotes',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: ['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'HEALTHCHECK', 'RUN', 'VOLUME'],
  isForTriggers: true,
  severity: 'warning',
  summary: 'A JSON array has its strings in double quotes',
  documentation:
    'JSON knows no single quotes. What is written so is no array but a line of text with brackets in it: a shell gets it, or files of such names are copied.\n\n```dockerfile\nCMD ["nginx", "-g", "daemon off;"]\n```',
  *check({ node }) {
    const found = findArray(node);
    if (!found) return;
    const { text, ...span } = found;
    const strings = [...text.matchAll(/'([^']*)'/g)].map(([, string = '']) => JSON.stringify(string));
    const message = 'This is no JSON array: its strings are in single quotes instead of double quotes';
    const isOnOneLine = span.end - span.start === text.length;
    // An array is run without a shell, which is what was meant, but other than what is built now.
    const fix = {
      title: 'Use double quotes',
      isGuess: true as const,
      changes: [{ ...span, text: `[${strings.join(', ')}]` }],
    };
    yield { ...span, message, ...(isOnOneLine && { fix }) };
  },
};

const array = /^\[\s*'[^']*'(?:\s*,\s*'[^']*')*\s*,?\s*\]$/;

function findArray(node: InstructionNode) {
  if (node.json) return undefined;
  const word = node.name === 'HEALTHCHECK' ? node.args[1] : node.rest;
  return word && array.test(word.text) ? { ...spanOf(word), text: word.text } : undefined;
}
