import type { FileRule } from '../../lint/editorRule.ts';
import { ofKind, outlineOf, type StagePart, type Step, StepFilter } from '../outline.ts';
import { placeFindings, type StageFinding, StageMemo } from '../stageMemo.ts';

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
      const using = stage.where(byName, tree);
      const users = usersMemo.of(using, tree);
      const declaring = stage.where(ofKind('ARG'), tree);
      if (users.length > 0) {
        yield* users.filter(({ about: text = '', node }) => {
          if (!text.includes('$')) return true;
          const declared = declaring.steps.flatMap(argumentsOf);
          const before = declared.filter(one => one.start < node.start).map(({ name }) => name);
          const isDeclared = (name: string) => text.includes(`$${name}`) || text.includes(`\${${name}}`);
          return ![...args, ...before].some(isDeclared);
        });
      }
      for (const name of namesMemo.of(declaring, tree)) args.push(name);
    }
  },
};

/** Users that are no numbers. */
const byName = new StepFilter(
  ({ instruction }) => instruction.kind === 'USER' && !/^\d*(?::|$)/.test(instruction.user.text),
);

const usersMemo = new StageMemo(stage => placeFindings(usersOf(stage)));

const namesMemo = new StageMemo(({ steps }) => steps.flatMap(argumentsOf).map(({ name }) => name));

/** The variables that an ARG declares, each with the start of the ARG. */
function argumentsOf({ instruction, node: { start } }: Step) {
  if (instruction.kind !== 'ARG') return [];
  return instruction.declarations.map(({ key }) => ({ name: key.text, start }));
}

function* usersOf({ steps }: StagePart): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'USER') continue;
    const { start, end, text } = instruction.user;
    const message = 'Outside of the image nobody knows this name: write the number';
    yield { start, end, node, message, about: text };
  }
}
