import { contextWords } from '../contextWords.ts';
import type { FileRule } from '../editorRule.ts';
import type { Fix } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** What is copied is not left out of the context, also where the ignore file has exceptions. */
export const ignoredSource: FileRule = {
  id: 'IgnoredSource',
  source: 'sampan',
  scope: 'file',
  severity: 'warning',
  sameAs: ['CopyIgnoredFile'],
  summary: 'A source of COPY or ADD that .dockerignore leaves out',
  documentation:
    'The ignore file keeps this path out of the build context, so that there is nothing to copy. The last pattern that matches decides: bring the path back with a line that begins with `!`.\n\n```\n*\n!src\n```',
  *check({ evaluation, findSource }) {
    for (const { word, path, facts } of contextWords(evaluation)) {
      if (path === '.' || findSource(path)?.isIgnored !== true) continue;
      const message = `${JSON.stringify(path)} is there, but .dockerignore leaves it out of the build context`;
      const title = `Bring ${path} back in .dockerignore`;
      const fix: Fix = { title, isGuess: true, changes: [], ignoreLines: [`!${path}`] };
      yield { ...spanOf(word), node: facts.node, message, fix };
    }
  },
};
