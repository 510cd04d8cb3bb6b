import type { InstructionFacts } from '../../evaluation/types.ts';
import type { Fix, PageRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

/** CMD and ENTRYPOINT are in JSON form, unless a SHELL was chosen. */
export const jsonArgsRecommended: PageRule = {
  name: 'JSONArgsRecommended',
  scope: 'page',
  severity: 'warning',
  summary:
    'JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals',
  documentation:
    'In shell form the first process of the container is a shell, which does not hand signals on: `stop` waits for its timeout and kills. Write the arguments as a JSON array, or choose a shell with `SHELL` to say that one is wanted.\n\n```dockerfile\nENTRYPOINT ["my-program", "start"]\n```',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    for (const facts of context.walk.commands) {
      const { instruction, node, hasShell } = facts;
      if (instruction.kind !== 'CMD' && instruction.kind !== 'ENTRYPOINT') continue;
      if (hasShell || instruction.command.form === 'exec') continue;
      const message = `JSON arguments recommended for ${instruction.node.keyword.text} to prevent unintended behavior related to OS signals`;
      const fix = toJson(facts);
      yield { ...spanIn(facts, instruction.node), node, message, ...(fix && { fix }) };
    }
  },
};

/** Only for plain words: no shell is needed to read them. */
function toJson({ instruction, node }: InstructionFacts): Fix | undefined {
  const { rest } = instruction.node;
  const isPlain = /^[\w./:@%+=,-]+(?: +[\w./:@%+=,-]+)*$/.test(rest.text) && !/^\w+=/.test(rest.text);
  if (node !== instruction.node || !isPlain || rest.end - rest.start !== rest.text.length) return undefined;
  const text = JSON.stringify(rest.text.split(/ +/)).replaceAll('","', '", "');
  return { title: 'Use the JSON form', changes: [{ start: rest.start, end: rest.end, text }] };
}
