import type { FileRule } from '../../lint/editorRule.ts';
import { ofKind, outlineOf, StageFlags, type StagePart, StepFilter } from '../outline.ts';
import { isAbsolute } from '../paths.ts';
import { placeFindings, type StageFinding, StageMemo } from '../stageMemo.ts';

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
      const copying = stage.where(relative, tree);
      const copies = copiesMemo.of(copying, tree);
      const workdirs = stage.where(ofKind('WORKDIR'), tree);
      const isInherited = flags.isInherited(stage);
      flags.close(stage, isInherited || workdirs.steps.length > 0);
      if (isInherited || copies.length === 0) continue;
      const workdir = workdirs.steps[0]?.node;
      yield* copies.filter(({ node }) => workdir === undefined || node.start < workdir.start);
    }
  },
};

/** Copies to relative destinations. */
const relative = new StepFilter(
  ({ instruction }) => instruction.kind === 'COPY' && !isAbsolute(instruction.destination.text),
);

const copiesMemo = new StageMemo(stage => placeFindings(copiesOf(stage)));

function* copiesOf({ steps }: StagePart): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'COPY') continue;
    const { start, end } = instruction.destination;
    const message = 'Only the base image knows where this is: set WORKDIR before, or write an absolute path';
    yield { start, end, node, message };
  }
}
