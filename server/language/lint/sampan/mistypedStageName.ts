import { SuggestionBudget } from '../../instructions/suggest.ts';
import type { FileRule } from '../editorRule.ts';
import { stageSources } from '../stageSources.ts';

/** An image that nobody has is pulled when the name of a stage has a slip. */
export const mistypedStageName: FileRule = {
  id: 'MistypedStageName',
  source: 'sampan',
  scope: 'file',
  severity: 'information',
  summary: 'A name that is nearly that of a stage is taken for an image',
  documentation:
    'What is no name of an earlier stage is the name of an image, which is pulled. A slip in the name of a stage is so found late, or never when such an image exists. An image whose name is like that of a stage is better written with its tag.\n\n```dockerfile\nFROM golang AS builder\nFROM scratch\nCOPY --from=builder /app /app\n```',
  *check({ file }) {
    const earlier: string[] = [];
    const known = new Set<string>();
    const budget = new SuggestionBudget();
    for (const stage of file.stages) {
      const { image, node: first } = stage.from;
      const sources = stage.pages.flatMap(stageSources).filter(({ node }) => node !== first);
      for (const { word, node } of earlier.length === 0 ? [] : [{ word: image, node: first }, ...sources]) {
        const name = word.text.toLowerCase();
        // A tag or a registry makes it an image; short names are near to everything.
        if (known.has(name) || !/^[a-z][a-z0-9_-]{4,}$/.test(name)) continue;
        const meant = budget.suggest(name, earlier);
        if (meant === undefined) continue;
        const { start, end } = word;
        const message = `No stage is called ${JSON.stringify(word.text)}: it is taken for an image. Did you mean ${meant}?`;
        const changes = [{ start, end, text: meant }];
        yield { start, end, message, node, fix: { title: `Change to ${meant}`, isGuess: true, changes } };
      }
      if (stage.name === undefined || known.has(stage.name)) continue;
      earlier.push(stage.name);
      known.add(stage.name);
    }
  },
};
