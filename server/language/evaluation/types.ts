import type { PortWord } from '../instructions/ports.ts';
import type { Dockerfile, Instruction, Stage } from '../instructions/types.ts';
import type { ExpandedWord } from '../shell/word.ts';
import type { NodeKey } from '../syntax/nodeMemo.ts';
import type { InstructionNode, Problem } from '../syntax/tree.ts';

/** What is known about a base image without a build. */
export interface ImageFacts {
  readonly env: ReadonlyMap<string, string>;
  /** Its config has a SHELL. */
  readonly hasShell: boolean;
  /** `linux/amd64`; undefined when it is not known. */
  readonly platform: string | undefined;
  readonly onbuild: readonly string[];
}

export interface EvaluationOptions {
  readonly buildArgs?: ReadonlyMap<string, string>;
  /** `linux/amd64` by default. */
  readonly platform?: string;
  /** Looks a base image up by its name in the file; undefined when nothing is known about it, as by default. */
  readonly findImage?: (reference: string) => ImageFacts | undefined;
}

/** `previous` is of the file before a change: what is the same stays the same object. */
export interface ReevaluationOptions extends EvaluationOptions {
  readonly previous?: Evaluation | undefined;
}

/** A variable that an instruction uses and nothing has set. */
export interface UnsetVariable {
  readonly name: string;
  /** A variable that is set and has nearly this name. */
  readonly suggestion: string | undefined;
  /** False when the base image may set it, of which nothing is known. */
  readonly isCertain: boolean;
}

/** What one instruction does in its place. */
export interface InstructionFacts {
  /** As it is written. */
  readonly instruction: Instruction;
  /** Where to report: the FROM for a trigger of the base stage. */
  readonly node: InstructionNode;
  /** With its variables replaced; as it is written where that fails. */
  readonly expanded: Instruction;
  readonly unset: readonly UnsetVariable[];
  /** A SHELL applies here. */
  readonly hasShell: boolean;
  /** A WORKDIR stands before this one in the stage or in one it is built on. */
  readonly hasWorkdir: boolean;
  /** For EXPOSE. */
  readonly ports: readonly PortWord[];
  /** Its sources come from the build context. */
  readonly readsContext: boolean;
  /** Only `hasShell` and `hasWorkdir` depend on what stands before it, and nothing is wrong with it. */
  readonly isFixed: boolean;
}

/** What the instructions of a page do: the same object as long as they do the same. */
export interface PageFacts {
  readonly instructions: readonly InstructionFacts[];
  /** What makes a build refuse one of them; `index` tells which. */
  readonly problems: readonly { readonly problem: Problem; readonly index: number }[];
  /** For what is remembered about it. */
  readonly key: NodeKey;
}

export interface StageFacts {
  readonly stage: Stage;
  /** Image name with the global arguments replaced; undefined when that fails. */
  readonly image: ExpandedWord | undefined;
  /** The same with the arguments' defaults only. */
  readonly defaultImage: string | undefined;
  readonly platform: ExpandedWord | undefined;
  /** The earlier stage that this one is built on. */
  readonly base: StageFacts | undefined;
  /** Variables in FROM that no global ARG declares. */
  readonly unsetInFrom: readonly UnsetVariable[];
  /** What is known about the base image of the chain. */
  readonly baseImage: ImageFacts | undefined;
  /** The environment before the first instruction. */
  readonly initialEnv: ReadonlyMap<string, string>;
  readonly instructions: readonly InstructionFacts[];
  /** All of them, in pieces: those that triggers of the base have brought, then a piece for each page of the stage. */
  readonly pages: readonly PageFacts[];
}

/** What a build would make of a file before it runs anything. */
export interface Evaluation {
  readonly file: Dockerfile;
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly stages: readonly StageFacts[];
  /** What makes the build refuse it, in the order in which BuildKit finds it. */
  readonly problems: readonly Problem[];
}
