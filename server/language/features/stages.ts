import type { StageFacts } from '../evaluation/types.ts';
import type { Dockerfile, Stage } from '../instructions/types.ts';
import type { InstructionNode, Span, Word } from '../syntax/tree.ts';

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
  return facts.base ? resolveStage(facts.base) : facts.image?.text;
}

/** The values of `--from=` and of `from=` in mounts. */
function* sourceWords(node: InstructionNode): Generator<Word> {
  if (node.trigger) yield* sourceWords(node.trigger);
  for (const { name, value } of node.flags) {
    if (!value || value.end - value.start !== value.text.length) continue;
    if (name.text === 'from') yield value;
    else if (name.text === 'mount') yield* mountSources(value);
  }
}

function* mountSources(value: Word): Generator<Word> {
  let at = value.start;
  for (const field of value.text.split(',')) {
    const key = /^from=/i.exec(field);
    if (key) yield { text: field.slice(key[0].length), start: at + key[0].length, end: at + field.length };
    at += field.length + 1;
  }
}
