import type { FileRule } from '../../lint/editorRule.ts';
import { type OutlineStage, outlineOf } from '../outline.ts';
import { type StageFinding, StageFindings, StageMemo } from '../stageMemo.ts';

/** The host can tell which user it is. */
export const dl3066: FileRule = {
  id: 'DL3066',
  source: 'hadolint',
  scope: 'file',
  severity: 'information',
  summary: 'USER names a user by its number',
  documentation:
    'The name of a user is looked up in the image when a container starts. Who only sees the image’s configuration cannot tell whether it is root: Kubernetes refuses such an image with `runAsNonRoot`.\n\n```dockerfile\nUSER 1000:1000\n```',
  *check({ file, tree }) {
    const args: string[] = [];
    for (const stage of outlineOf(file).stages) {
      const { users, declared } = about.of(stage, tree);
      if (!users.isEmpty) {
        yield* users.place(stage, ({ about: text = '', index }) => {
          const before = declared.filter(one => one.index < index).map(({ name }) => name);
          const isDeclared = (name: string) => text.includes(`$${name}`) || text.includes(`\${${name}}`);
          return !text.includes('$') || ![...args, ...before].some(isDeclared);
        });
      }
      for (const { name } of declared) args.push(name);
    }
  },
};

/** Users that are no numbers, and the ARGs that may hold some. */
const about = new StageMemo(stage => ({
  users: new StageFindings(stage, usersOf(stage)),
  declared: stage.steps.flatMap(({ instruction }, index) =>
    instruction.kind === 'ARG' ? instruction.declarations.map(({ key }) => ({ name: key.text, index })) : [],
  ),
}));

function* usersOf({ steps }: OutlineStage): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'USER' || /^\d*(?::|$)/.test(instruction.user.text)) continue;
    const { start, end, text } = instruction.user;
    const message = 'Outside of the image nobody knows this name: write the number';
    yield { start, end, node, message, about: text };
  }
}
