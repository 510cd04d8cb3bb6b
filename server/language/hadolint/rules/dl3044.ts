import type { EnvInstruction } from '../../instructions/types.ts';
import type { FileRule } from '../../lint/editorRule.ts';
import type { InstructionNode } from '../../syntax/tree.ts';
import { outlineOf, type StagePart, type Step, StepFilter } from '../outline.ts';
import { unquote } from '../quotes.ts';
import { placeFindings, type StageFinding, StageMemo } from '../stageMemo.ts';

/** A variable is used behind the ENV that sets it. */
export const dl3044: FileRule = {
  id: 'DL3044',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'ENV does not use a variable that it sets itself',
  documentation:
    'All values of an `ENV` are expanded before it sets any of them: a variable that it sets has its old value in the others, or none. Set it in an `ENV` before.\n\n```dockerfile\nENV HOME_DIR=/opt/app\nENV DATA_DIR=$HOME_DIR/data\n```',
  *check({ file, tree }) {
    const { stages } = outlineOf(file);
    for (const [index, stage] of stages.entries()) {
      const environment = stage.where(usingItself, tree);
      const used = found.of(environment, tree);
      if (used.length === 0) continue;
      const known = new Set(stages.slice(0, index).flatMap(({ steps }) => steps.flatMap(namesOf)));
      const reported = new Set<InstructionNode>();
      yield* used.filter(({ about = '', node }) => {
        const isKnown =
          known.has(about) ||
          stage.steps.some(step => step.node.start < node.start && namesOf(step).includes(about));
        return !isKnown && !reported.has(node) && Boolean(reported.add(node));
      });
    }
  },
};

const usingItself = new StepFilter(
  ({ instruction }) => instruction.kind === 'ENV' && usesOfItself(instruction).length > 0,
);

const found = new StageMemo(stage => placeFindings(findIn(stage)));

function* findIn({ steps }: StagePart): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'ENV') continue;
    for (const { name, value } of usesOfItself(instruction)) {
      const { start, end } = value;
      const message = `${name} is set by this ENV: here it has its old value, or none`;
      yield { start, end, node, message, about: name };
    }
  }
}

/** Variables that an instruction declares. */
function namesOf({ instruction }: Step): string[] {
  if (instruction.kind === 'ARG') return instruction.declarations.map(({ key }) => key.text);
  return instruction.kind === 'ENV' ? instruction.pairs.map(({ key }) => unquote(key.text)) : [];
}

/** Variables that a pair sets and the value of another one uses. */
function usesOfItself({ pairs }: EnvInstruction) {
  const names = pairs.map(({ key }) => unquote(key.text));
  return pairs.flatMap(({ value }, index) => {
    const used = [...value.text.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)].map(
      ([, inBraces, bare]) => inBraces ?? bare ?? '',
    );
    const setByOther = used.filter(name => names.some((one, other) => one === name && other !== index));
    return setByOther.map(name => ({ name, value }));
  });
}
