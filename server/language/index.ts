/** What the rest of the server may use of the Dockerfile language. */
export { evaluate } from './evaluation/evaluate.ts';
export { automaticArguments, globalArguments, predefinedArguments } from './evaluation/globalArguments.ts';
export { readTrigger } from './evaluation/triggers.ts';
export type * from './evaluation/types.ts';
export {
  createIgnoreMatcher,
  type IgnoreMatcher,
  type IgnoreRule,
  type IgnoreState,
  parseIgnoreFile,
} from './ignore/matcher.ts';
export { parseDuration } from './instructions/duration.ts';
export { createExpander, type Expander, expandInstruction } from './instructions/expand.ts';
export { resolveMount } from './instructions/mount.ts';
export { firstProblem, parse } from './instructions/parse.ts';
export { platformProblem } from './instructions/platform.ts';
export { type PortWord, parsePort } from './instructions/ports.ts';
export { type SourceKind, sourceKind } from './instructions/sources.ts';
export type * from './instructions/types.ts';
export {
  type CheckOptions,
  type CheckResult,
  check,
  checkFile,
  type Warning,
  warningsBeforeError,
} from './lint/check.ts';
export type { Fix, Rule, TextChange } from './lint/rule.ts';
export { findRule, rules } from './lint/rules.ts';
export { type ExpandedWord, processWord, processWords, type WordOptions } from './shell/word.ts';
export { chomp } from './syntax/heredoc.ts';
export { parseTree } from './syntax/parse.ts';
export { findLine, type Position, type Range, toOffset, toPosition, toRange } from './syntax/position.ts';
export type * from './syntax/tree.ts';
