import type { PageRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

/** EXPOSE names ports of the container only. */
export const exposeInvalidFormat: PageRule = {
  name: 'ExposeInvalidFormat',
  scope: 'page',
  severity: 'warning',
  summary:
    'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release',
  documentation:
    'An image cannot choose addresses and ports of the host; they are ignored. Publish ports when the container runs: `run -p 8080:80`.\n\n```dockerfile\nEXPOSE 80\n```',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    for (const facts of context.walk.exposes) {
      for (const { word, hasHostPart, isReadable } of facts.ports) {
        if (!isReadable || !hasHostPart) continue;
        const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${word.text}'`;
        yield { ...spanIn(facts, word), node: facts.node, message };
      }
    }
  },
};
