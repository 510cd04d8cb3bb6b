import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf, type StagePart, StepFilter } from '../outline.ts';
import { placeFindings, type StageFinding, StageMemo } from '../stageMemo.ts';

/** COPY takes over from a stage, or from an image that says which one it is. */
export const dl3022: FileRule = {
  id: 'DL3022',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  sameAs: ['MistypedStageName'],
  summary: 'COPY --from names an earlier stage',
  documentation:
    'What is neither the name nor the number of a stage before is the name of an image, and without a tag that of `latest`. A slip in the name of a stage is so found late.\n\n```dockerfile\nFROM golang:1.23 AS build\nFROM scratch\nCOPY --from=build /app /app\n```',
  *check({ file, tree }) {
    const aliases = new Set<string>();
    for (const [count, stage] of outlineOf(file).stages.entries()) {
      if (stage.alias !== undefined) aliases.add(stage.alias);
      const copying = stage.where(copies, tree);
      const copied = found.of(copying, tree);
      if (copied.length === 0) continue;
      yield* copied.filter(({ about = '' }) => {
        const number = /^\d+/.exec(about)?.[0];
        return !aliases.has(about) && !(number !== undefined && Number(number) < count);
      });
    }
  },
};

const copies = new StepFilter(
  ({ instruction }) => instruction.kind === 'COPY' && instruction.from?.text.includes(':') === false,
);

/** All that may be a stage. */
const found = new StageMemo(stage => placeFindings(findIn(stage)));

function* findIn({ steps }: StagePart): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'COPY' || !instruction.from) continue;
    const { text, start, end } = instruction.from;
    const message = `No stage before this one is called ${JSON.stringify(text)}`;
    yield { start, end, node, message, about: text.toLowerCase() };
  }
}
