import type { FileRule } from '../../lint/editorRule.ts';
import { type OutlineStage, outlineOf, StageFlags } from '../outline.ts';
import { isAbsolute } from '../paths.ts';
import { type StageFinding, StageFindings, StageMemo } from '../stageMemo.ts';

/** It is known where a relative destination is. */
export const dl3045: FileRule = {
  id: 'DL3045',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'COPY to a relative destination follows a WORKDIR',
  documentation:
    'Without a `WORKDIR` a relative destination is below the directory of the base image, which may be another one in its next version.\n\n```dockerfile\nWORKDIR /usr/src/app\nCOPY package.json ./\n```',
  *check({ file, tree }) {
    const flags = new StageFlags();
    for (const stage of outlineOf(file).stages) {
      const { copies, workdir } = about.of(stage, tree);
      const isInherited = flags.isInherited(stage);
      flags.close(stage, isInherited || workdir >= 0);
      if (isInherited || copies.isEmpty) continue;
      yield* copies.place(stage, ({ index }) => workdir < 0 || index < workdir);
    }
  },
};

/** Copies to relative destinations, and the first WORKDIR. */
const about = new StageMemo(stage => ({
  copies: new StageFindings(stage, copiesOf(stage)),
  workdir: stage.steps.findIndex(({ instruction }) => instruction.kind === 'WORKDIR'),
}));

function* copiesOf({ steps }: OutlineStage): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'COPY' || isAbsolute(instruction.destination.text)) continue;
    const { start, end } = instruction.destination;
    const message = 'Only the base image knows where this is: set WORKDIR before, or write an absolute path';
    yield { start, end, node, message };
  }
}
