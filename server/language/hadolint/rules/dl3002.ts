import type { UserInstruction } from '../../instructions/types.ts';
import { ofKind, type Step } from '../outline.ts';
import { stageRule } from '../stageMemo.ts';

/** What a stage leaves to the container is not root. */
export const dl3002 = stageRule(
  {
    id: 'DL3002',
    on: ofKind('USER'),
    severity: 'warning',
    summary: 'The last USER of a stage is not root',
    documentation:
      'A process that escapes from its container as root is root, or near to it. Switch to root only for what needs it, and end with a user of its own.\n\n```dockerfile\nUSER root\nRUN apt-get update && apt-get install -y --no-install-recommends nginx=1.22.*\nUSER 1000\n```',
  },
  function* ({ from, steps }) {
    const last = from && steps.findLast(isUser);
    if (!last || !isRoot(last.instruction.user.text)) return;
    const { start, end } = last.instruction.user;
    yield { start, end, node: last.node, message: 'The stage ends as root: choose another user at its end' };
  },
);

function isUser(step: Step): step is Step<UserInstruction> {
  return step.instruction.kind === 'USER';
}

function isRoot(user: string): boolean {
  return /^(?:root|0)(?::|$)/.test(user);
}
