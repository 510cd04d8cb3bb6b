import type { InstructionNode } from '../syntax/tree.ts';
import { readFlagValues } from './flags.ts';
import type { Report } from './report.ts';
import type { FromInstruction } from './types.ts';

const stageName = /^[a-z][a-z0-9-_.]*$/;

/** FROM; while it is half typed it has an empty image, so that its stage is there all the same. */
export function readFrom(node: InstructionNode, report: Report): FromInstruction {
  const [image, as, alias] = node.args;
  const named = as?.text.toLowerCase() === 'as' ? alias : undefined;
  if (node.args.length !== 1 && !(node.args.length === 3 && named)) {
    report(node, 'from-arguments', 'FROM requires either one or three arguments');
  } else if (named && !stageName.test(named.text.toLowerCase())) {
    const message = `invalid name for build stage: ${JSON.stringify(named.text)}, name can't start with a number or contain symbols`;
    report(named, 'invalid-stage-name', message);
  }
  const flags = readFlagValues(node, report);
  const nothing = node.rest.part('', { start: node.end, end: node.end });
  return { kind: 'FROM', node, image: image ?? nothing, platform: flags.text('platform'), alias: named };
}
