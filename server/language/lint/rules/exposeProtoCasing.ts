import type { PageRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

/** Protocols in EXPOSE are in lower case. */
export const exposeProtoCasing: PageRule = {
  name: 'ExposeProtoCasing',
  scope: 'page',
  severity: 'warning',
  summary: 'Protocol in EXPOSE instruction should be lowercase',
  documentation: 'Write `tcp`, `udp` or `sctp`.\n\n```dockerfile\nEXPOSE 80/tcp\n```',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    const { text } = context.tree;
    for (const facts of context.walk.exposes) {
      for (const { word, protocol, isReadable } of facts.ports) {
        if (!isReadable || protocol === protocol.toLowerCase()) continue;
        const message = `Defined protocol '${word.text}' in EXPOSE instruction should be lowercase`;
        const span = spanIn(facts, word);
        const isPlain = text.slice(span.start, span.end) === word.text;
        const fix = isPlain && {
          title: `Write ${protocol.toLowerCase()}`,
          changes: [{ ...span, text: word.text.toLowerCase() }],
        };
        yield { ...span, node: facts.node, message, ...(fix && { fix }) };
      }
    }
  },
};
