import { contextWords } from '../contextWords.ts';
import type { FileRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** What is copied is there. */
export const missingSource: FileRule = {
  id: 'MissingSource',
  source: 'sampan',
  scope: 'file',
  severity: 'information',
  summary: 'A source of COPY or ADD that is not in the build context',
  documentation:
    'A build fails when it finds nothing to copy. Paths begin at the folder of the build context, which is that of the Dockerfile unless another is chosen; all folders above it in the workspace are looked through too. What another step makes before the build may well be absent now.',
  *check({ evaluation, findSource }) {
    for (const { word, path, facts } of contextWords(evaluation)) {
      if (path === '.' || findSource(path)?.exists !== false) continue;
      const message = `Nothing in the build context is called ${JSON.stringify(path)}`;
      yield { ...spanOf(word), node: facts.node, message };
    }
  },
};
