import { instructionNames } from '../../instructions/names.ts';
import type { InstructionRule } from '../editorRule.ts';

/** What is in the form that a provider gives to its secrets; each is too long to be there by chance. */
const secrets: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'an access key of AWS', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  { what: 'a token of GitHub', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82})\b/g },
  { what: 'a token of GitLab', pattern: /\bglpat-[A-Za-z0-9_-]{20}\b/g },
  { what: 'a token of npm', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { what: 'a token of PyPI', pattern: /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}/g },
  { what: 'a token of Slack', pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}/g },
  { what: 'a key of Google', pattern: /\bAIza[A-Za-z0-9_-]{35}\b/g },
  { what: 'a key of Stripe', pattern: /\b[sr]k_live_[A-Za-z0-9]{24,}\b/g },
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g },
  {
    what: 'a password in an address',
    pattern: /\b[a-z][a-z+.-]*:\/\/[^\s/:@$"'{}<>]+:([^\s/:@$"'{}<>]{3,})@/g,
  },
];

const anySecret =
  /AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|npm_|pypi-|xox|AIza|k_live_|PRIVATE KEY|:\/\/[^\s/]*@/;

/** No secret stands in the file. */
export const secretInText: InstructionRule = {
  id: 'SecretInText',
  source: 'sampan',
  scope: 'instruction',
  on: instructionNames,
  severity: 'warning',
  summary: 'A secret is written in the Dockerfile',
  documentation:
    'Whatever an instruction says is kept in the history of the image, where everybody who has the image can read it. Withdraw the secret, and mount it where it is needed.\n\n```dockerfile\nRUN --mount=type=secret,id=token,env=TOKEN make publish\n```',
  *check({ node, text }) {
    const own = text.slice(node.start, node.end);
    if (!anySecret.test(own)) return;
    for (const { what, pattern } of secrets) {
      for (const match of own.matchAll(pattern)) {
        const start = node.start + match.index;
        // Of an address only the part before the host.
        yield { start, end: start + match[0].length, message: `This looks like ${what}` };
      }
    }
  },
};
