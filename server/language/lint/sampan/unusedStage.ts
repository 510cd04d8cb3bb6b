import type { FileRule, FileSubject } from '../editorRule.ts';
import { stageSources } from '../stageSources.ts';
import { spanOf } from '../walk.ts';

/** Every stage is a part of what the last one is built of. */
export const unusedStage: FileRule = {
  id: 'UnusedStage',
  source: 'sampan',
  scope: 'file',
  severity: 'hint',
  summary: 'A stage that no other is built on or copies from',
  documentation:
    'A build makes the last stage and those that it needs. A stage that none of them needs is built only when it is asked for by `--target`.\n\n```dockerfile\nFROM golang:1.24 AS build\nRUN make\nFROM scratch\nCOPY --from=build /app /app\n```',
  *check(subject) {
    const { stages } = subject.file;
    if (stages.length < 2) return;
    const used = usedStages(subject);
    for (const { from, name, index } of stages.slice(0, -1)) {
      if (used.has(index) || from.image.text === '') continue;
      const message =
        name === undefined
          ? 'No stage uses this one, and it has no name by which it could be built'
          : `No stage uses ${name}: it is built only as a target`;
      yield { ...spanOf(from.alias ?? from.node.keyword), node: from.node, message, tag: 'unnecessary' };
    }
  },
};

function usedStages({ file, evaluation }: FileSubject): ReadonlySet<number> {
  const used = new Set<number>();
  for (const { base } of evaluation.stages) if (base) used.add(base.stage.index);
  // COPY and mounts find a stage that comes later too, which is an error of its own.
  const names = new Set(file.stages.map(({ name }) => name));
  const usedNames = new Set<string | undefined>();
  for (const { word } of file.pages.flatMap(stageSources)) {
    const name = word.text.toLowerCase();
    if (names.has(name)) usedNames.add(name);
    else if (/^\d+$/.test(word.text)) used.add(Number(word.text));
  }
  // Of stages with one name any may be meant.
  for (const { name, index } of file.stages) if (usedNames.has(name)) used.add(index);
  return used;
}
