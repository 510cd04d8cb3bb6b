import { sourceWords } from '../instructions/stageWords.ts';
import { suggest } from '../instructions/suggest.ts';
import type { Dockerfile, Stage } from '../instructions/types.ts';
import type { Word } from '../syntax/tree.ts';
import type { CheckResult, Warning } from './check.ts';

/** What is probably meant otherwise, beyond BuildKit's checks: a build says nothing about it. */
export function hints({ file }: CheckResult): Warning[] {
  return file.stages.flatMap(stage => mistypedStages(file, stage));
}

/** The name of this hint; its documentation is its message. */
const mistypedStage = 'MistypedStageName';

/** An image that nobody has is pulled when the name of a stage has a slip. */
function mistypedStages(file: Dockerfile, stage: Stage): Warning[] {
  const earlier = file.stages.slice(0, stage.index).flatMap(({ name }) => name ?? []);
  if (earlier.length === 0) return [];
  const words: Word[] = [stage.from.image, ...stage.nodes.flatMap(node => [...sourceWords(node)])];
  return words.flatMap(word => {
    // A tag or a registry makes it an image; short names are near to everything.
    if (!/^[a-z][a-z0-9_-]{4,}$/i.test(word.text) || earlier.includes(word.text.toLowerCase())) return [];
    const meant = suggest(word.text.toLowerCase(), earlier);
    return meant === undefined ? [] : [toWarning(word, meant, stage)];
  });
}

function toWarning(word: Word, meant: string, stage: Stage): Warning {
  const { start, end } = word;
  return {
    rule: mistypedStage,
    severity: 'information',
    phase: 'graph',
    message: `No stage is called ${JSON.stringify(word.text)}: it is taken for an image. Did you mean ${meant}?`,
    start,
    end,
    line: stage.from.node.line,
    fix: { title: `Change to ${meant}`, changes: [{ start, end, text: meant }] },
  };
}
