import { suggest } from '../../instructions/suggest.ts';
import type { StageRule } from '../editorRule.ts';
import { type StageUse, stageVariables } from '../stageVariables.ts';

/** A variable of a RUN is one that is set. */
export const mistypedVariable: StageRule = {
  id: 'MistypedVariable',
  source: 'sampan',
  scope: 'stage',
  severity: 'information',
  sameAs: ['UndefinedVar', 'ArgumentOutOfScope'],
  summary: 'A variable that is not set has nearly the name of one that is',
  documentation:
    'A shell takes a variable that nothing has set for empty, so that a slip in its name is seen late or never. When a program or the base image sets it, all is well.',
  *check(subject) {
    for (const use of stageVariables(subject.facts, subject).unset) {
      const meant = meantBy(use);
      if (meant === undefined) continue;
      const { name, span, instruction } = use;
      const message = `Nothing here sets ${name}. Did you mean ${meant}?`;
      const fix = { title: `Use $${meant}`, isGuess: true as const, changes: [{ ...span, text: meant }] };
      yield { ...span, node: instruction.node, message, fix };
    }
  },
};

function meantBy({ name, declared, instruction }: StageUse): string | undefined {
  // Short names are near to everything, and names with numbers are meant to be near to each other.
  if (instruction.kind !== 'RUN' || name.length < 5) return undefined;
  const meant = suggest(name, declared);
  if (meant === undefined || meant.length < 5) return undefined;
  if (name.replace(/\d/g, '') === meant.replace(/\d/g, '')) return undefined;
  const isWholeNear = Math.min(name.length, meant.length) >= 8 || Math.abs(name.length - meant.length) === 0;
  const isLetterSwap = [...name].sort().join('') === [...meant].sort().join('');
  return isWholeNear || isLetterSwap ? meant : undefined;
}
