import type { KeyValue } from '../../instructions/types.ts';
import type { Fix, PageRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

/** ENV and LABEL are written with `=`. */
export const legacyKeyValueFormat: PageRule = {
  name: 'LegacyKeyValueFormat',
  scope: 'page',
  severity: 'warning',
  summary: 'Legacy key/value format with whitespace separator should not be used',
  documentation:
    'In the old form all the rest of the line is the value, so that it holds one pair only, and a forgotten `=` goes unnoticed.\n\n```dockerfile\nENV NAME=value OTHER="two words"\n```',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    for (const facts of context.walk.legacyPairs) {
      const { instruction, node } = facts;
      if (instruction.kind !== 'ENV' && instruction.kind !== 'LABEL') continue;
      for (const pair of instruction.pairs) {
        if (!pair.legacy) continue;
        const keyword = instruction.node.keyword.text;
        const message = `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`;
        const fix = node === instruction.node ? toPair(pair) : undefined;
        yield { ...spanIn(facts, instruction.node.rest), node, message, ...(fix && { fix }) };
      }
    }
  },
};

/** Not where the value has quotes or escapes of its own: they would mean something else. */
function toPair({ key, value }: KeyValue): Fix | undefined {
  if (/["'\\`]/.test(value.text) || value.end - value.start !== value.text.length) return undefined;
  const text = /\s/.test(value.text) ? `="${value.text}"` : `=${value.text}`;
  return { title: 'Write key=value', changes: [{ start: key.end, end: value.end, text }] };
}
