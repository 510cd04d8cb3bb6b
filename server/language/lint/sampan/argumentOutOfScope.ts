import { automaticArguments } from '../../evaluation/globalArguments.ts';
import type { StageRule, StageSubject } from '../editorRule.ts';
import type { Fix } from '../rule.ts';
import { declaredNames, type StageUse, stageVariables } from '../stageVariables.ts';

const automatic: ReadonlySet<string> = new Set(automaticArguments('linux/amd64', '').keys());

/** An ARG is declared in the stage that uses it, before it does. */
export const argumentOutOfScope: StageRule = {
  id: 'ArgumentOutOfScope',
  source: 'sampan',
  scope: 'stage',
  severity: 'warning',
  sameAs: ['UndefinedVar'],
  summary: 'An ARG is used where it is not declared',
  documentation:
    'An `ARG` before the first `FROM` counts in `FROM` lines only, and the arguments that a build sets by itself, such as `TARGETARCH`, count nowhere until they are declared. Declare it again in the stage, without a value, and before it is used.\n\n```dockerfile\nARG VERSION=1.2\nFROM alpine:3.20\nARG VERSION\nRUN echo $VERSION\n```',
  *check(subject) {
    const { facts } = subject;
    const { globals } = subject;
    for (const use of stageVariables(facts, subject).unset) {
      const { name, span, instruction } = use;
      const isGlobal = globals.has(name);
      const isAutomatic = automatic.has(name);
      if (mayComeFromImage(use, subject)) continue;
      if (isGlobal || isAutomatic) {
        const message = isGlobal
          ? `The ARG ${name} before the first FROM does not count here until this stage declares it again`
          : `${name} is not set until this stage declares it with ARG`;
        yield { ...span, node: instruction.node, message, fix: declare(name, subject) };
      } else if (declaresLater(use, subject)) {
        yield { ...span, node: instruction.node, message: `${name} is declared only below` };
      }
    }
  },
};

/** The images of languages and servers have their version in a variable of that name. */
function mayComeFromImage({ name }: StageUse, { facts }: StageSubject): boolean {
  let root = facts;
  while (root.base) root = root.base;
  if (root.baseImage || root.image?.text === 'scratch') return false;
  const owner = /^(\w+?)_(?:VERSION|MAJOR|HOME|DIR|PATH|ROOT)$/.exec(name)?.[1]?.toLowerCase();
  if (owner === undefined) return false;
  const image = root.stage.from.image.text.toLowerCase();
  return image.includes(owner) || owner.includes(/([a-z]+)[^/]*$/.exec(image)?.[1] ?? owner);
}

function declaresLater({ name, instruction, declared }: StageUse, { facts }: StageSubject): boolean {
  if (!declared.has(name)) return false;
  const at = facts.instructions.findIndex(one => one.instruction === instruction);
  return facts.instructions
    .slice(at + 1)
    .some(one => one.instruction.kind === 'ARG' && declaredNames(one.instruction).includes(name));
}

function declare(name: string, { facts, text }: StageSubject): Fix {
  const lineEnd = text.indexOf('\n', facts.stage.from.node.end);
  const at = lineEnd < 0 ? text.length : lineEnd;
  const changes = [{ start: at, end: at, text: `\nARG ${name}` }];
  return { title: `Declare ${name} in this stage`, isGuess: true, changes };
}
