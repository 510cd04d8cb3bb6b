import { contextWords } from '../contextWords.ts';
import type { FileRule } from '../editorRule.ts';
import type { Fix } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** What is large or private, changes often, and is hardly ever meant to be in an image. */
const unwanted = ['.git', 'node_modules', '.venv', 'venv', '__pycache__', '.env', '.terraform', '.gradle'];

/** A copy of everything copies only what is meant. */
export const largeContext: FileRule = {
  id: 'LargeContext',
  source: 'sampan',
  scope: 'file',
  severity: 'information',
  summary: 'All of the build context is copied, with what does not belong into an image',
  documentation:
    'History, installed packages and virtual environments make a build slow and an image large, and any change in them makes it forget what it has built. Name them in a file `.dockerignore` beside the Dockerfile.\n\n```\n.git\nnode_modules\n```',
  *check({ evaluation, findSource }) {
    for (const { word, path, facts } of contextWords(evaluation)) {
      if (path !== '.') continue;
      const copied = unwanted.filter(name => {
        const source = findSource(name);
        return source?.exists === true && source.isInFolder && !source.isIgnored;
      });
      if (copied.length === 0) continue;
      const message = `This copies ${copied.join(', ')} too: .dockerignore can leave out what the image does not need`;
      const title = `Leave ${copied.join(', ')} out in .dockerignore`;
      const fix: Fix = { title, isGuess: true, changes: [], ignoreLines: copied };
      yield { ...spanOf(word), node: facts.node, message, fix };
    }
  },
};
