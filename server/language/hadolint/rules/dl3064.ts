import type { Instruction } from '../../instructions/types.ts';
import type { InstructionRule } from '../../lint/editorRule.ts';
import type { Word } from '../../syntax/tree.ts';

/** Variables that are visible to all hold no secrets. */
export const dl3064: InstructionRule = {
  id: 'DL3064',
  source: 'hadolint',
  scope: 'instruction',
  on: ['ARG', 'ENV'],
  isForTriggers: true,
  severity: 'warning',
  sameAs: ['SecretsUsedInArgOrEnv'],
  summary: 'No ARG and no ENV holds a secret',
  documentation:
    'The values of `ENV` are in the image and those of `ARG` in its history, for everybody who has it. Mount a secret where it is needed.\n\n```dockerfile\nRUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci\n```',
  *check({ instruction }) {
    const name = namesOf(instruction).find(({ text }) => isSensitive(text));
    if (!name) return;
    const { start, end, text } = name;
    yield { start, end, message: `${text} looks like a secret, which everybody who has the image can read` };
  },
};

function namesOf(instruction: Instruction): Word[] {
  if (instruction.kind === 'ARG') return instruction.declarations.map(({ key }) => key);
  return instruction.kind === 'ENV' ? instruction.pairs.map(({ key }) => key) : [];
}

/** Variables of well-known services that the pattern does not catch. */
const known = new Set([
  'APPLICATION_KEY',
  'AWS_ACCESS_KEY_ID',
  'CI_DEPLOY_USER',
  'DOCKER_EMAIL',
  'FACEBOOK_APP_ID',
  'HEROKU_API_USER',
  'OKTA_AUTHN_GROUPID',
  'OKTA_CLIENT_ORGURL',
  'OKTA_OAUTH2_CLIENTID',
  'STRIPE_DEVICE_NAME',
  'TRAVIS_OS_NAME',
  'TRAVIS_SECURE_ENV_VARS',
  'TRAVIS_SUDO',
]);

function isSensitive(name: string): boolean {
  return (
    /api_key|client_key|password|private|secret|token|username/i.test(name) || known.has(name.toUpperCase())
  );
}
