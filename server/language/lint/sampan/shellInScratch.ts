import type { StageFacts } from '../../evaluation/types.ts';
import type { Instruction } from '../../instructions/types.ts';
import type { StageRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** There is no shell in an image that is made from nothing. */
export const shellInScratch: StageRule = {
  id: 'ShellInScratch',
  source: 'sampan',
  scope: 'stage',
  severity: 'warning',
  summary: 'A shell is needed where there is none',
  documentation:
    '`FROM scratch` starts without any file, `/bin/sh` included, which the shell form of a command needs. Write the command as a JSON array.\n\n```dockerfile\nFROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\n```',
  *check({ facts, only }) {
    if (!startsEmpty(facts) || mayBringShell(facts)) return;
    for (const kind of ['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK'] as const) {
      for (const { instruction, node, hasShell } of only(kind)) {
        if (node !== instruction.node || hasShell || !isShellForm(instruction)) continue;
        const message = `The shell form needs /bin/sh, which an image from scratch does not have`;
        yield { ...spanOf(node.keyword), node, message };
      }
    }
  },
};

function startsEmpty({ base, image }: StageFacts): boolean {
  return base ? startsEmpty(base) : image?.text === 'scratch';
}

/** True when something is copied that could be, or hold, a shell. */
function mayBringShell({ base, instructions }: StageFacts): boolean {
  const brings = instructions.some(({ expanded }) => {
    if (expanded.kind !== 'COPY' && expanded.kind !== 'ADD') return false;
    const path = expanded.destination.text.replace(/\/+$/, '');
    return (
      expanded.kind === 'ADD' || /^(?:\.?|\/?(?:usr\/)?(?:local\/)?s?bin(?:\/.*)?|.*sh|.*\$.*)$/.test(path)
    );
  });
  return brings || (base !== undefined && mayBringShell(base));
}

function isShellForm(instruction: Instruction): boolean {
  switch (instruction.kind) {
    case 'RUN':
      return instruction.command.form === 'shell' && instruction.mounts.length === 0;
    case 'CMD':
    case 'ENTRYPOINT':
      return instruction.command.form === 'shell';
    case 'HEALTHCHECK':
      return instruction.command?.form === 'shell';
    default:
      return false;
  }
}
