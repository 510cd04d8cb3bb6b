import type { InstructionNode } from '../../syntax/tree.ts';
import type { PageRule } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** A comment above ARG or a named FROM describes it. */
export const invalidDefinitionDescription: PageRule = {
  name: 'InvalidDefinitionDescription',
  scope: 'page',
  severity: 'warning',
  summary:
    'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.',
  documentation:
    'A comment right above an `ARG` or a named `FROM` that begins with its name is shown as its description by `build --call=outline` and `--call=targets`.\n\n```dockerfile\n# build compiles the program\nFROM golang AS build\n```',
  phase: 'instruction',
  isExperimental: true,
  isSkippedAbove: true,
  *check(context) {
    for (const node of context.walk.definitions) {
      const names = definedNames(node);
      const comment = node.comments.at(-1);
      const [first] = names;
      if (comment === undefined || first === undefined) continue;
      if (names.includes(comment.split(' ')[0] ?? '')) continue;
      const example = names.length > 1 ? '<arg_key>' : first;
      const message = `Comment for ${node.name} should follow the format: \`# ${example} <description>\``;
      yield { ...spanOf(node), node, message };
    }
  },
};

function definedNames(node: InstructionNode): string[] {
  if (node.name === 'ARG') return node.args.map(({ text }) => text.replace(/=.*$/s, ''));
  const alias = node.args.length === 3 ? node.args[2] : undefined;
  return alias ? [alias.text.toLowerCase()] : [];
}
