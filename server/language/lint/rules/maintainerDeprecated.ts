import type { PageRule } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** MAINTAINER gave way to a label. */
export const maintainerDeprecated: PageRule = {
  name: 'MaintainerDeprecated',
  scope: 'page',
  severity: 'warning',
  summary: 'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
  documentation:
    'Name the author in a label, which tools can read.\n\n```dockerfile\nLABEL org.opencontainers.image.authors="somebody@example.com"\n```',
  phase: 'instruction',
  isSkippedAbove: true,
  *check(context) {
    for (const node of context.walk.maintainers) {
      const message = 'Maintainer instruction is deprecated in favor of using label';
      const label = `LABEL org.opencontainers.image.authors=${quote(node.rest.text)}`;
      const changes = [{ start: node.keyword.start, end: node.rest.end, text: label }];
      const fix = { title: 'Use a label', changes };
      yield { ...spanOf(node), node, message, ...(node.args.length === 1 && { fix }) };
    }
  },
};

// MAINTAINER does not expand variables, LABEL does.
function quote(text: string): string {
  return `"${text.replace(/^"(.*)"$/, '$1').replace(/["$\\]/g, '\\$&')}"`;
}
