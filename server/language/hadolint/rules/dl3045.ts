import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf, StageFlags } from '../outline.ts';
import { isAbsolute } from '../paths.ts';

/** It is known where a relative destination is. */
export const dl3045: FileRule = {
  id: 'DL3045',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'COPY to a relative destination follows a WORKDIR',
  documentation:
    'Without a `WORKDIR` a relative destination is below the directory of the base image, which may be another one in its next version.\n\n```dockerfile\nWORKDIR /usr/src/app\nCOPY package.json ./\n```',
  *check({ file }) {
    const flags = new StageFlags();
    for (const stage of outlineOf(file).stages) {
      flags.open(stage);
      for (const { instruction, node } of stage.steps) {
        if (instruction.kind === 'WORKDIR') flags.set();
        if (instruction.kind !== 'COPY' || flags.isSet || isAbsolute(instruction.destination.text)) continue;
        const { start, end } = instruction.destination;
        const message =
          'Only the base image knows where this is: set WORKDIR before, or write an absolute path';
        yield { start, end, node, message };
      }
    }
  },
};
