/** What the engine and the handlers may use of the Dockerfile language; the editor's features are imported by file. */
export { evaluate } from './evaluation/evaluate.ts';
export type { Evaluation, EvaluationOptions, ImageFacts, StageFacts } from './evaluation/types.ts';
export type { HadolintConfiguration } from './hadolint/configuration.ts';
export { type ConfigurationProblem, readHadolintConfiguration } from './hadolint/readConfiguration.ts';
export { compileGlob, globProblem } from './ignore/glob.ts';
export {
  createIgnoreMatcher,
  type IgnoreMatcher,
  type IgnoreRule,
  type IgnoreState,
} from './ignore/matcher.ts';
export { createExpander, type Expander, expandInstruction } from './instructions/expand.ts';
export { resolveMount } from './instructions/mount.ts';
export { firstProblem, parse } from './instructions/parse.ts';
export { type PortWord, parsePort } from './instructions/ports.ts';
export { type SourceKind, sourceKind } from './instructions/sources.ts';
export type * from './instructions/types.ts';
export { ruleAddress } from './lint/addresses.ts';
export {
  type CheckOptions,
  type CheckResult,
  check,
  checkFile,
  type Warning,
  warningsBeforeError,
} from './lint/check.ts';
export type { ContextSource, Surroundings } from './lint/editorRule.ts';
export { editorRules } from './lint/editorRules.ts';
export { type Inspection, inspect } from './lint/inspect.ts';
export { Inspector } from './lint/inspector.ts';
export { rules } from './lint/rules.ts';
export { defaultLintSettings, type LintSettings } from './lint/settings.ts';
export { type Outline, outlineOf } from './overview/outline.ts';
export { reachableStages } from './overview/reachable.ts';
export { listTargets, type Target } from './overview/targets.ts';
export { type ExpandedWord, processWord, processWords, type WordOptions } from './shell/word.ts';
export { chomp, isLoneHeredoc } from './syntax/heredoc.ts';
export type * from './syntax/tree.ts';
