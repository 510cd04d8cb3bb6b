import type { StageFacts } from '../evaluation/types.ts';
import { sourceWords } from '../instructions/stageWords.ts';
import type { Dockerfile, Stage } from '../instructions/types.ts';
import type { Span } from '../syntax/tree.ts';

/** A place that names a stage. */
export interface StageUse {
  readonly span: Span;
  readonly stage: Stage;
  readonly isDefinition: boolean;
  /** The stage's name stands there, not its number. */
  readonly isName: boolean;
}

/** Every place of a file that names a stage: AS, FROM, COPY --from and mounts. */
export function findStageUses(file: Dockerfile): StageUse[] {
  const uses: StageUse[] = [];
  const names = new Map<string, Stage>();
  const latest = new Map<string, Stage>();
  for (const stage of file.stages) if (stage.name !== undefined) latest.set(stage.name, stage);
  for (const stage of file.stages) {
    const base = names.get(stage.from.image.text);
    if (base) uses.push({ span: stage.from.image, stage: base, isDefinition: false, isName: true });
    if (stage.name !== undefined && stage.from.alias) {
      uses.push({ span: stage.from.alias, stage, isDefinition: true, isName: true });
      names.set(stage.name, stage);
    }
    for (const node of stage.nodes) {
      if (node.flags.length === 0 && node.trigger === undefined) continue;
      for (const word of sourceWords(node)) {
        const isNumber = /^\d+$/.test(word.text);
        const found = isNumber ? file.stages[Number(word.text)] : latest.get(word.text.toLowerCase());
        if (found) uses.push({ span: word, stage: found, isDefinition: false, isName: !isNumber });
      }
    }
  }
  return uses;
}

/** The image that the chain of stages begins with. */
export function resolveStage(facts: StageFacts): string | undefined {
  let root = facts;
  while (root.base) root = root.base;
  return root.image?.text;
}
