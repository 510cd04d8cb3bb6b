import type { InstructionFacts, StageFacts } from '../../evaluation/types.ts';
import type { StageRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** A CMD is handed to something. */
export const commandWithoutEffect: StageRule = {
  id: 'CommandWithoutEffect',
  source: 'sampan',
  scope: 'stage',
  severity: 'warning',
  summary: 'A CMD that its ENTRYPOINT does not get',
  documentation:
    'An `ENTRYPOINT` in shell form takes no arguments, so that neither `CMD` nor the arguments of a run reach it. And an `ENTRYPOINT` forgets the `CMD` of the stage or image that it is built on.\n\n```dockerfile\nENTRYPOINT ["my-program"]\nCMD ["--help"]\n```',
  *check({ facts, only }) {
    const entrypoint = only('ENTRYPOINT').at(-1);
    if (entrypoint?.instruction.kind !== 'ENTRYPOINT' || entrypoint.instruction.node.rest.text === '') return;
    const command = only('CMD').at(-1);
    if (command) yield* ignoredBy(entrypoint, command);
    else yield* forgotten(entrypoint, facts.base);
  },
};

function* ignoredBy(entrypoint: InstructionFacts, { instruction, node }: InstructionFacts) {
  if (entrypoint.instruction.kind !== 'ENTRYPOINT') return;
  if (entrypoint.instruction.command.form === 'exec' || node !== instruction.node) return;
  const message = 'ENTRYPOINT is in shell form and takes no arguments: this CMD has no effect';
  yield { ...spanOf(node.keyword), node, message };
}

function* forgotten({ instruction, node }: InstructionFacts, base: StageFacts | undefined) {
  const inherited = lastCommand(base);
  if (inherited === undefined || node !== instruction.node) return;
  const message = `This ENTRYPOINT forgets the CMD of ${inherited}: repeat it here`;
  yield { ...spanOf(node.keyword), node, message };
}

/** Name of the stage whose CMD a stage built on `base` starts with. */
function lastCommand(base: StageFacts | undefined): string | undefined {
  for (let facts = base; facts; facts = facts.base) {
    const kinds = facts.instructions.map(({ instruction: { kind } }) => kind);
    if (kinds.includes('CMD')) return facts.stage.name ?? `stage ${facts.stage.index}`;
    if (kinds.includes('ENTRYPOINT')) return undefined;
  }
  return undefined;
}
