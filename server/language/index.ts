/** What the rest of the server may use of the Dockerfile language. */
export {
  createIgnoreMatcher,
  type IgnoreMatcher,
  type IgnoreRule,
  type IgnoreState,
  parseIgnoreFile,
} from './ignore/matcher.ts';
export { createExpander, type Expander, expandInstruction } from './instructions/expand.ts';
export { resolveMount } from './instructions/mount.ts';
export { firstProblem, parse } from './instructions/parse.ts';
export { type PortWord, parsePort } from './instructions/ports.ts';
export type * from './instructions/types.ts';
export { type ExpandedWord, processWord, processWords, type WordOptions } from './shell/word.ts';
export { chomp } from './syntax/heredoc.ts';
export { parseTree } from './syntax/parse.ts';
export type * from './syntax/tree.ts';
