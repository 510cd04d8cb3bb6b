import type { StageRule } from '../editorRule.ts';
import { stageVariables } from '../stageVariables.ts';

/** What runs in a container uses no ARG. */
export const argumentAtRunTime: StageRule = {
  id: 'ArgumentAtRunTime',
  source: 'sampan',
  scope: 'stage',
  severity: 'warning',
  summary: 'A command of the container uses an ARG',
  documentation:
    'An `ARG` ends with the build: when `CMD`, `ENTRYPOINT` or `HEALTHCHECK` run, it is not set. Keep its value in an `ENV`.\n\n```dockerfile\nARG PORT=8080\nENV PORT=$PORT\nCMD my-program --port=$PORT\n```',
  *check(subject) {
    for (const { name, span, instruction } of stageVariables(subject.facts, subject).atRunTime) {
      const message = `The ARG ${name} is not set any more when ${instruction.kind} runs: keep it in an ENV`;
      yield { ...span, node: instruction.node, message };
    }
  },
};
