import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf } from '../outline.ts';

/** Names of stages are unique. */
export const dl3024: FileRule = {
  id: 'DL3024',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  sameAs: ['DuplicateStageName'],
  summary: 'The name of a stage is unique',
  documentation: 'Of two stages with one name only the later can be referred to: give it another one.',
  *check({ file }) {
    const aliases = new Set<string>();
    for (const { from, alias } of outlineOf(file).stages) {
      if (!from?.alias || alias === undefined) continue;
      const isTaken = aliases.has(alias);
      aliases.add(alias);
      if (!isTaken) continue;
      const { start, end, text } = from.alias;
      yield { start, end, node: from.node, message: `A stage before is called ${text} already` };
    }
  },
};
