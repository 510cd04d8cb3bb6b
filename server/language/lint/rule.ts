import type { Evaluation } from '../evaluation/types.ts';
import type { IgnoreMatcher } from '../ignore/matcher.ts';
import type { Dockerfile } from '../instructions/types.ts';
import type { InstructionNode, Span, Tree } from '../syntax/tree.ts';
import type { Walk } from './walk.ts';

/** What the rules of pages look at. */
export interface PageContext {
  /** Of the page. */
  readonly walk: Walk;
  /** Of the whole file, to look up what stands where. */
  readonly tree: Tree;
  /** Of the stage; undefined without one. */
  readonly platform: string | undefined;
  /** Of the build context; undefined when there is no ignore file or none is known. */
  readonly ignore: IgnoreMatcher | undefined;
}

/** What the other rules look at. */
export interface FileContext {
  readonly file: Dockerfile;
  readonly evaluation: Evaluation;
}

/** A replacement of a piece of the file's text. */
export interface TextChange extends Span {
  readonly text: string;
}

/** A change that does what the rule asks and nothing else. */
export interface Fix {
  readonly title: string;
  /** What was meant is a guess, or the image changes: offered, but not done with all other fixes at once. */
  readonly isGuess?: true;
  readonly changes: readonly TextChange[];
  /** Lines that the ignore file of the build context gets at its end, where the last that matches decides. */
  readonly ignoreLines?: readonly string[];
}

/** A place that a rule found. */
export interface Finding extends Span {
  readonly message: string;
  /** The instruction that BuildKit names. */
  readonly node: InstructionNode;
  /** The instruction above which a `# check=skip=` counts; `node` by default. */
  readonly owner?: InstructionNode;
  /** 0-based line that BuildKit names; the first of `node` by default. */
  readonly line?: number;
  readonly fix?: Fix;
}

/** A build check. Names, summaries and messages are BuildKit's. Its scope is what its findings depend on. */
export type Rule = PageRule | FileRule;

interface About {
  readonly name: string;
  readonly severity: 'warning' | 'information';
  /** One sentence, as BuildKit shows it. */
  readonly summary: string;
  /** Markdown: why, and what to write instead. */
  readonly documentation: string;
  /** When a build gets to it: a build that fails earlier does not report it. */
  readonly phase: 'parse' | 'instruction' | 'stage' | 'from' | 'graph' | 'build';
  /** Off unless `# check=experimental=` names it. */
  readonly isExperimental?: true;
  /** `# check=skip=` directly above the instruction is honoured. */
  readonly isSkippedAbove: boolean;
}

/** Depends on single instructions in their place: what it finds in a page is remembered. */
export interface PageRule extends About {
  readonly scope: 'page';
  readonly check: (context: PageContext) => Iterable<Finding>;
}

/** Depends on anything: it is applied again after every change. */
export interface FileRule extends About {
  readonly scope: 'file';
  readonly check: (context: FileContext) => Iterable<Finding>;
}
