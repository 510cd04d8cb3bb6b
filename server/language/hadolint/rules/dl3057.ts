import type { FileRule } from '../../lint/editorRule.ts';
import type { Tree } from '../../syntax/tree.ts';
import { type OutlineStage, ofKind, outlineOf, stageKey } from '../outline.ts';

/** Images have a HEALTHCHECK. */
export const dl3057: FileRule = {
  id: 'DL3057',
  source: 'hadolint',
  scope: 'file',
  severity: 'off',
  summary: 'An image has a HEALTHCHECK',
  documentation:
    'With a `HEALTHCHECK` whoever runs the container sees whether it still does its work; `HEALTHCHECK NONE` says that there is none on purpose. A stage has that of the stage it is built on. Off unless `.hadolint.yaml` or a setting gives it a severity.',
  *check({ file, tree }) {
    for (const { from } of stagesWithout(outlineOf(file).stages, tree)) {
      if (!from) continue;
      const { start, end } = from.node.keyword;
      yield { start, end, node: from.node, message: 'This stage has no HEALTHCHECK' };
    }
  },
};

/** Those that have none, are built on none that has one, and that none is built on that has one. */
function stagesWithout(all: readonly OutlineStage[], tree: Tree): Set<OutlineStage> {
  const having = new Set<string>();
  const lacking = new Set<OutlineStage>();
  for (const stage of all) {
    if (!stage.from) continue;
    if (having.has(stage.base)) having.add(stageKey(stage));
    else lacking.add(stage);
    if (stage.where(ofKind('HEALTHCHECK'), tree).steps.length === 0) continue;
    lacking.delete(stage);
    having.add(stageKey(stage));
    excuseBases(stage, { lacking, having });
  }
  return lacking;
}

function excuseBases(
  stage: OutlineStage,
  { lacking, having }: { readonly lacking: Set<OutlineStage>; readonly having: Set<string> },
): void {
  const open = [stage];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const base of lacking) {
      if (stageKey(base) !== next.base) continue;
      lacking.delete(base);
      having.add(stageKey(base));
      open.push(base);
    }
  }
}
