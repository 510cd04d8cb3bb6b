import type { InstructionNode } from '../syntax/tree.ts';
import { readFlagValues } from './flags.ts';
import type { Report } from './report.ts';
import type { Instruction, OnbuildInstruction } from './types.ts';

/** ONBUILD; `readTrigger` reads the instruction behind it. */
export function readOnbuild(
  node: InstructionNode,
  report: Report,
  readTrigger: (node: InstructionNode) => Instruction | undefined,
): OnbuildInstruction | undefined {
  const { trigger } = node;
  if (!trigger) {
    report(node, 'missing-argument', 'ONBUILD requires at least one argument');
    return undefined;
  }
  readFlagValues(node, report);
  const keyword = trigger.keyword.text.toUpperCase();
  if (keyword === 'ONBUILD') {
    report(trigger.keyword, 'onbuild-onbuild', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  } else if (keyword === 'MAINTAINER' || keyword === 'FROM') {
    report(trigger.keyword, 'onbuild-trigger', `${keyword} isn't allowed as an ONBUILD trigger`);
  }
  const bodies = node.heredocs.map(({ content, name }) => `\n${content}${name}`);
  return {
    kind: 'ONBUILD',
    node,
    expression: node.source.replace(/^ONBUILD\s*/i, '') + bodies.join(''),
    trigger: readTrigger(trigger.with({ heredocs: node.heredocs })),
  };
}
