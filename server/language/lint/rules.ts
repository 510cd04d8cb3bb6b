import type { Rule } from './rule.ts';
import { consistentInstructionCasing } from './rules/consistentInstructionCasing.ts';
import { copyIgnoredFile } from './rules/copyIgnoredFile.ts';
import { duplicateStageName } from './rules/duplicateStageName.ts';
import { exposeInvalidFormat } from './rules/exposeInvalidFormat.ts';
import { exposeProtoCasing } from './rules/exposeProtoCasing.ts';
import { fromAsCasing } from './rules/fromAsCasing.ts';
import { fromPlatformFlagConstDisallowed } from './rules/fromPlatformFlagConstDisallowed.ts';
import { invalidBaseImagePlatform } from './rules/invalidBaseImagePlatform.ts';
import { invalidDefaultArgInFrom } from './rules/invalidDefaultArgInFrom.ts';
import { invalidDefinitionDescription } from './rules/invalidDefinitionDescription.ts';
import { jsonArgsRecommended } from './rules/jsonArgsRecommended.ts';
import { legacyKeyValueFormat } from './rules/legacyKeyValueFormat.ts';
import { maintainerDeprecated } from './rules/maintainerDeprecated.ts';
import { multipleInstructionsDisallowed } from './rules/multipleInstructionsDisallowed.ts';
import { noEmptyContinuation } from './rules/noEmptyContinuation.ts';
import { redundantTargetPlatform } from './rules/redundantTargetPlatform.ts';
import { reservedStageName } from './rules/reservedStageName.ts';
import { secretsUsedInArgOrEnv } from './rules/secretsUsedInArgOrEnv.ts';
import { stageNameCasing } from './rules/stageNameCasing.ts';
import { undefinedArgInFrom } from './rules/undefinedArgInFrom.ts';
import { undefinedVar } from './rules/undefinedVar.ts';
import { workdirRelativePath } from './rules/workdirRelativePath.ts';

/** All build checks, in the order in which a build gets to them. */
export const rules: readonly Rule[] = [
  noEmptyContinuation,
  stageNameCasing,
  fromAsCasing,
  maintainerDeprecated,
  invalidDefinitionDescription,
  reservedStageName,
  duplicateStageName,
  consistentInstructionCasing,
  invalidDefaultArgInFrom,
  undefinedArgInFrom,
  redundantTargetPlatform,
  fromPlatformFlagConstDisallowed,
  invalidBaseImagePlatform,
  undefinedVar,
  workdirRelativePath,
  copyIgnoredFile,
  legacyKeyValueFormat,
  secretsUsedInArgOrEnv,
  jsonArgsRecommended,
  multipleInstructionsDisallowed,
  exposeProtoCasing,
  exposeInvalidFormat,
];

const byName = new Map(rules.map(rule => [rule.name, rule]));

/** The rule of a name, for its documentation. */
export function findRule(name: string): Rule | undefined {
  return byName.get(name);
}
