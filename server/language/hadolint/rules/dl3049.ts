import type { FileRule } from '../../lint/editorRule.ts';
import { labelsOf } from '../labels.ts';
import { type OutlineStage, outlineOf, stageKey } from '../outline.ts';

/** Images have the labels that the team asks for. */
export const dl3049: FileRule = {
  id: 'DL3049',
  source: 'hadolint',
  scope: 'file',
  severity: 'information',
  summary: 'An image has all labels of the schema',
  documentation:
    'Each label that `label-schema` of `.hadolint.yaml` names is set in each image. A stage has those of the stage it is built on; one that others only copy from, or are built on, needs none.\n\n```yaml\nlabel-schema:\n  maintainer: text\n```',
  *check({ file, configuration: { labelSchema } }) {
    if (labelSchema.size === 0) return;
    const { stages } = outlineOf(file);
    for (const label of labelSchema.keys()) {
      for (const { from } of stagesWithout(label, stages)) {
        if (!from) continue;
        const { start, end } = from.node.keyword;
        yield { start, end, node: from.node, message: `The label ${label} is missing` };
      }
    }
  },
};

function stagesWithout(label: string, stages: readonly OutlineStage[]): Set<OutlineStage> {
  const having = new Set<string>();
  const lacking = new Set<OutlineStage>();
  const excuse = (alias: string): void => {
    for (const stage of lacking) if (stage.alias === alias) lacking.delete(stage);
  };
  for (const stage of stages) {
    if (!stage.from) continue;
    const has = having.has(stage.base);
    if (has) markHaving(stage, having);
    else lacking.add(stage);
    for (const { instruction } of stage.steps) {
      if (instruction.kind === 'COPY' && instruction.from) excuse(instruction.from.text.toLowerCase());
      if (!labelsOf(instruction).some(({ key }) => key === label)) continue;
      excuse(stageKey(stage));
      lacking.delete(stage);
      markHaving(stage, having);
    }
  }
  return lacking;
}

function markHaving({ alias }: OutlineStage, having: Set<string>): void {
  if (alias !== undefined) having.add(alias);
}
