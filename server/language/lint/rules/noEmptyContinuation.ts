import { findLine, lineSpan } from '../../syntax/position.ts';
import type { PageRule } from '../rule.ts';

/** A continued instruction has no blank line inside. */
export const noEmptyContinuation: PageRule = {
  name: 'NoEmptyContinuation',
  scope: 'page',
  severity: 'warning',
  summary: 'Empty continuation lines will become errors in a future release',
  documentation:
    'A line that ends with the escape character goes on on the next line. A blank line there is skipped today and will end the instruction one day. Remove it, or put a `#` comment there.',
  phase: 'parse',
  isSkippedAbove: false,
  *check(context) {
    const { tree } = context;
    for (const node of context.walk.withEmptyLines) {
      const first = node.emptyLines[0];
      if (first === undefined) continue;
      const body = node.heredocs[0]?.body;
      const line = body ? findLine(tree, body.start) - 1 : node.endLine;
      const changes = node.emptyLines.map(empty => {
        const next = tree.lineStarts[empty + 1] ?? tree.text.length;
        return { start: tree.lineStarts[empty] ?? next, end: next, text: '' };
      });
      const fix = { title: 'Remove empty continuation lines', changes };
      yield { ...lineSpan(tree, first), node, line, message: 'Empty continuation line', fix };
    }
  },
};
