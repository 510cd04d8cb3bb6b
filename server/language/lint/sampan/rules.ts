import type { EditorRule } from '../editorRule.ts';
import { argumentAtRunTime } from './argumentAtRunTime.ts';
import { argumentOutOfScope } from './argumentOutOfScope.ts';
import { commandWithoutEffect } from './commandWithoutEffect.ts';
import { ignoredSource } from './ignoredSource.ts';
import { invisibleCharacter } from './invisibleCharacter.ts';
import { largeContext } from './largeContext.ts';
import { missingSource } from './missingSource.ts';
import { mistypedStageName } from './mistypedStageName.ts';
import { mistypedVariable } from './mistypedVariable.ts';
import { repeatedKey } from './repeatedKey.ts';
import { secretInText } from './secretInText.ts';
import { shellInScratch } from './shellInScratch.ts';
import { stopSignal } from './stopSignal.ts';
import { unknownPlatform } from './unknownPlatform.ts';
import { unusedArgument } from './unusedArgument.ts';
import { unusedStage } from './unusedStage.ts';
import { variableInExecForm } from './variableInExecForm.ts';

/** What nobody else tells: facts of the whole file. */
export const sampanRules: readonly EditorRule[] = [
  mistypedStageName,
  unusedStage,
  unusedArgument,
  argumentOutOfScope,
  argumentAtRunTime,
  mistypedVariable,
  commandWithoutEffect,
  shellInScratch,
  unknownPlatform,
  variableInExecForm,
  repeatedKey,
  stopSignal,
  secretInText,
  invisibleCharacter,
  missingSource,
  ignoredSource,
  largeContext,
];
