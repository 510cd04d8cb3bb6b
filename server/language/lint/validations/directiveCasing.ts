import type { FileRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** Names of parser directives are in lower case. */
export const directiveCasing: FileRule = {
  id: 'DirectiveCasing',
  source: 'dockerfile-utils',
  scope: 'file',
  severity: 'warning',
  summary: 'Parser directives are written in lower case',
  documentation:
    'A build reads the names of parser directives in any case. Lower case is the convention.\n\n```dockerfile\n# syntax=docker/dockerfile:1\n# escape=`\n```',
  *check({ file: { tree }, text }) {
    for (const element of tree.elements) {
      // Directives stand before everything else.
      if (element.kind !== 'directive') return;
      const span = spanOf(element.name);
      const lower = element.name.text;
      if (text.slice(span.start, span.end) === lower) continue;
      const fix = { title: `Write ${lower}`, changes: [{ ...span, text: lower }] };
      yield { ...span, message: `Write the directive ${lower} in lower case`, fix };
    }
  },
};
