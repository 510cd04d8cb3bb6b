import type { PageRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

const secret = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const harmless = /(?:_|^)(?:public|file|version)(?:_|$)/i;

/** Secrets do not go through ARG and ENV. */
export const secretsUsedInArgOrEnv: PageRule = {
  name: 'SecretsUsedInArgOrEnv',
  scope: 'page',
  severity: 'warning',
  summary: 'Sensitive data should not be used in the ARG or ENV commands',
  documentation:
    'Values of `ARG` and `ENV` are kept in the image, where everybody who has it can read them. Mount a secret where it is needed instead.\n\n```dockerfile\nRUN --mount=type=secret,id=token,env=TOKEN make publish\n```',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    const known = new Map<string, boolean>();
    for (const facts of context.walk.variables) {
      const { expanded, node } = facts;
      if (expanded.kind !== 'ENV' && expanded.kind !== 'ARG') continue;
      for (const { key } of expanded.kind === 'ENV' ? expanded.pairs : expanded.declarations) {
        let isSecret = known.get(key.text);
        if (isSecret === undefined) {
          isSecret = secret.test(key.text) && !harmless.test(key.text);
          known.set(key.text, isSecret);
        }
        if (!isSecret) continue;
        const message = `Do not use ARG or ENV instructions for sensitive data (${expanded.kind} ${JSON.stringify(key.text)})`;
        yield { ...spanIn(facts, key), node, message };
      }
    }
  },
};
