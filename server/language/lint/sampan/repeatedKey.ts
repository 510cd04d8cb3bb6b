import type { Word } from '../../syntax/tree.ts';
import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** A key stands once in an instruction. */
export const repeatedKey: InstructionRule = {
  id: 'RepeatedKey',
  source: 'sampan',
  scope: 'instruction',
  on: ['ARG', 'ENV', 'LABEL', 'EXPOSE', 'VOLUME'],
  isForTriggers: true,
  severity: 'warning',
  summary: 'What an instruction says twice',
  documentation:
    'Of a key that stands twice in one `ENV`, `LABEL` or `ARG` only the last value counts, and a port or volume is not more so when it is said twice. Remove one of them.',
  *check({ instruction }) {
    const seen = new Set<string>();
    for (const word of keys(instruction)) {
      const { text } = word;
      if (text !== '' && !text.includes('$') && seen.has(text)) {
        yield { ...spanOf(word), message: `${text} stands here already` };
      }
      seen.add(text);
    }
  },
};

function keys(instruction: Parameters<InstructionRule['check']>[0]['instruction']): readonly Word[] {
  switch (instruction.kind) {
    case 'ENV':
    case 'LABEL':
      return instruction.pairs.map(({ key }) => key);
    case 'ARG':
      return instruction.declarations.map(({ key }) => key);
    case 'EXPOSE':
      return instruction.ports;
    case 'VOLUME':
      return instruction.paths;
    default:
      return [];
  }
}
