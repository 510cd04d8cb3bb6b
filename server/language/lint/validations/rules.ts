import type { EditorRule } from '../editorRule.ts';
import { destinationNotDirectory } from './destinationNotDirectory.ts';
import { directiveCasing } from './directiveCasing.ts';
import { emptyCommand } from './emptyCommand.ts';
import { emptyFlagValue } from './emptyFlagValue.ts';
import { healthcheckDefault } from './healthcheckDefault.ts';
import { instructionCasing } from './instructionCasing.ts';
import { invalidTrigger } from './invalidTrigger.ts';
import { jsonInSingleQuotes } from './jsonInSingleQuotes.ts';
import { quotedArgumentName } from './quotedArgumentName.ts';

/** The validations of dockerfile-utils that are neither problems nor build checks: BuildKit takes such a file. */
export const validationRules: readonly EditorRule[] = [
  instructionCasing,
  directiveCasing,
  jsonInSingleQuotes,
  destinationNotDirectory,
  healthcheckDefault,
  emptyFlagValue,
  emptyCommand,
  quotedArgumentName,
  invalidTrigger,
];
