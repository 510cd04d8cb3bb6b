import type { Evaluation, InstructionFacts, StageFacts } from '../evaluation/types.ts';
import type { HadolintConfiguration } from '../hadolint/configuration.ts';
import type { IgnoreMatcher } from '../ignore/matcher.ts';
import type { Dockerfile, Instruction } from '../instructions/types.ts';
import type { ShellcheckMemory } from '../shellcheck/findings.ts';
import type { EscapeToken, InstructionName, InstructionNode, Span, Tree } from '../syntax/tree.ts';
import type { Fix } from './rule.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** Who thought of a rule, and whose name it has. */
export type RuleSource = 'buildkit' | 'hadolint' | 'shellcheck' | 'dockerfile-utils' | 'sampan';

/**
 * A rule that only the editor applies: a build says nothing about it. Its scope is what its findings depend on, and
 * so how much of the file has to be looked at again when something is typed: an instruction, a stage, or all.
 */
export type EditorRule = InstructionRule | StageRule | FileRule;

interface About {
  /** Such as `DL3008`, or in PascalCase. Unique among all rules. */
  readonly id: string;
  readonly source: RuleSource;
  /** By default. `off`: only where settings switch it on. `error` is for what a build refuses. */
  readonly severity: Severity | 'off';
  /** One sentence. */
  readonly summary: string;
  /** Markdown: why, and what to write instead. */
  readonly documentation: string;
  /**
   * Names of rules and codes of problems that tell the same fact. Where one of them is found at the same instruction,
   * it stands for this one and names it; whoever switches it off does so for this one too.
   */
  readonly sameAs?: readonly string[];
}

/** Depends on nothing but one instruction, the SHELL that applies to it, and the configuration. */
export interface InstructionRule extends About {
  readonly scope: 'instruction';
  readonly on: readonly InstructionName[];
  /** The instruction behind ONBUILD is looked at too. */
  readonly isForTriggers?: true;
  readonly check: (subject: InstructionSubject) => Iterable<EditorFinding>;
}

/** Depends on a stage, the stages that it is built on, the global arguments, and the configuration. */
export interface StageRule extends About {
  readonly scope: 'stage';
  readonly check: (subject: StageSubject) => Iterable<EditorFinding & { readonly node: InstructionNode }>;
}

/** Depends on anything: it is applied again after every change, and so has to be cheap. */
export interface FileRule extends About {
  readonly scope: 'file';
  readonly check: (subject: FileSubject) => Iterable<EditorFinding>;
}

interface Subject {
  /** Of the whole file, to look up what stands where. */
  readonly tree: Tree;
  readonly text: string;
  readonly escapeToken: EscapeToken;
  readonly configuration: HadolintConfiguration;
}

export interface InstructionSubject extends Subject {
  /** As it is written, variables not replaced. */
  readonly instruction: Instruction;
  /** That of the instruction. */
  readonly node: InstructionNode;
  /** It stands behind ONBUILD. */
  readonly isTrigger: boolean;
  /** The words of the SHELL that applies; undefined for that of the base image. */
  readonly shell: readonly string[] | undefined;
}

export interface StageSubject extends Subject {
  readonly facts: StageFacts;
  /** The stage's instructions of a kind, triggers of its base among them, in order. */
  readonly only: (kind: InstructionName) => readonly InstructionFacts[];
  /** Names of the ARG instructions before the first FROM. */
  readonly globals: ReadonlySet<string>;
}

export interface FileSubject extends Subject {
  readonly file: Dockerfile;
  readonly evaluation: Evaluation;
  /** Of the build context; undefined when there is no ignore file or none is known. */
  readonly ignore: IgnoreMatcher | undefined;
  /** Looks up what a source of COPY is in the build context; undefined while nothing is known about it. */
  readonly findSource: (path: string) => ContextSource | undefined;
}

/** What is in the build context for a path or pattern. */
export interface ContextSource {
  /** Something is there, in the folder of the Dockerfile or in another that may be meant to be the context. */
  readonly exists: boolean;
  /** Something is in the folder of the Dockerfile. */
  readonly isInFolder: boolean;
  /** All of what is in the folder of the Dockerfile is left out by the ignore file. */
  readonly isIgnored: boolean;
}

/** A place that a rule found. */
export interface EditorFinding extends Span {
  readonly message: string;
  /** The instruction that it is about, above which a pragma counts; known already to a rule of an instruction. */
  readonly node?: InstructionNode;
  readonly fix?: Fix;
  /** `unnecessary` is shown faded, `deprecated` struck through. */
  readonly tag?: 'unnecessary' | 'deprecated';
}

/** What is known of the world around a file. */
export interface Surroundings {
  /** The ignore file of the build context. */
  readonly ignore?: IgnoreMatcher | undefined;
  /** Looks a source of COPY up; undefined while nothing is known about it. Nothing waits for it. */
  readonly findSource?: ((path: string) => ContextSource | undefined) | undefined;
  /** What ShellCheck has said so far. */
  readonly shellcheck?: ShellcheckMemory | undefined;
}
