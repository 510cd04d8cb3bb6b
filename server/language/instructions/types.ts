import type { Heredoc, InstructionNode, Problem, Tree, Word } from '../syntax/tree.ts';
import type { Page } from './page.ts';

/**
 * Instructions with their meaning. Values are as written: variables are expanded by `expandInstruction` or
 * `processWord`, when the environment is known.
 */

interface Base {
  readonly node: InstructionNode;
}

export interface FromInstruction extends Base {
  readonly kind: 'FROM';
  /** An image reference, the name of an earlier stage, or `scratch`. Empty while it is being typed. */
  readonly image: Word;
  readonly platform: Word | undefined;
  /** The stage's name as written; names compare in lower case. */
  readonly alias: Word | undefined;
}

/** The command of RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD. */
export interface CommandLine {
  /** `shell`: one word, to be run by the SHELL of the stage; `exec`: the arguments as they are. */
  readonly form: 'shell' | 'exec';
  readonly words: readonly Word[];
}

/** One `--mount`. `resolveMount` gives its meaning when the environment is known. */
export interface MountFlag {
  /** The value of the flag. */
  readonly value: Word;
  readonly fields: readonly MountField[];
}

export interface MountField {
  /** In lower case. */
  readonly key: Word;
  readonly value: Word | undefined;
}

export interface Mount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  /** A stage, an image or a named context; undefined is the build context (bind) or an empty folder (cache). */
  readonly from: string | undefined;
  readonly source: string | undefined;
  readonly target: string | undefined;
  readonly readOnly: boolean;
  /** Bytes, for tmpfs; 0 without a limit. */
  readonly size: number;
  /** `id=`: of the cache, secret or ssh agent. */
  readonly id: string | undefined;
  readonly sharing: 'shared' | 'private' | 'locked' | undefined;
  readonly required: boolean;
  /** Variable that gets the secret's value; an empty name stands for the id. */
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** One `--device`. */
export interface Device {
  readonly name: string;
  readonly required: boolean;
}

export interface RunInstruction extends Base {
  readonly kind: 'RUN';
  readonly command: CommandLine;
  readonly mounts: readonly MountFlag[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
  readonly devices: readonly Device[];
}

/** A file whose content is in the Dockerfile: `COPY <<name destination`. */
export interface InlineFile {
  readonly name: string;
  /** With `<<-`, tabs are gone already. */
  readonly content: string;
  readonly expand: boolean;
  readonly heredoc: Heredoc;
}

interface Transfer extends Base {
  readonly sources: readonly Word[];
  readonly inlineFiles: readonly InlineFile[];
  readonly destination: Word;
  readonly chown: Word | undefined;
  readonly chmod: Word | undefined;
  readonly link: boolean;
  readonly exclude: readonly Word[];
}

export interface CopyInstruction extends Transfer {
  readonly kind: 'COPY';
  readonly from: Word | undefined;
  readonly parents: boolean;
}

export interface AddInstruction extends Transfer {
  readonly kind: 'ADD';
  readonly checksum: Word | undefined;
  /** Undefined when the flag is absent. */
  readonly keepGitDir: boolean | undefined;
  /** Undefined when the flag is absent: local archives are unpacked, downloaded ones are not. */
  readonly unpack: boolean | undefined;
}

export interface KeyValue {
  readonly key: Word;
  readonly value: Word;
  /** Written as `ENV key value`. */
  readonly legacy: boolean;
}

export interface EnvInstruction extends Base {
  readonly kind: 'ENV';
  readonly pairs: readonly KeyValue[];
}

export interface LabelInstruction extends Base {
  readonly kind: 'LABEL';
  readonly pairs: readonly KeyValue[];
}

export interface ArgDeclaration {
  readonly key: Word;
  /** Undefined in `ARG name`. */
  readonly value: Word | undefined;
}

export interface ArgInstruction extends Base {
  readonly kind: 'ARG';
  readonly declarations: readonly ArgDeclaration[];
}

export interface ExposeInstruction extends Base {
  readonly kind: 'EXPOSE';
  /** Expanded, a word can become several ports or none: see `parsePorts`. */
  readonly ports: readonly Word[];
}

export interface VolumeInstruction extends Base {
  readonly kind: 'VOLUME';
  readonly paths: readonly Word[];
}

export interface UserInstruction extends Base {
  readonly kind: 'USER';
  readonly user: Word;
}

export interface WorkdirInstruction extends Base {
  readonly kind: 'WORKDIR';
  readonly path: Word;
}

export interface CmdInstruction extends Base {
  readonly kind: 'CMD';
  readonly command: CommandLine;
}

export interface EntrypointInstruction extends Base {
  readonly kind: 'ENTRYPOINT';
  readonly command: CommandLine;
}

export interface ShellInstruction extends Base {
  readonly kind: 'SHELL';
  readonly words: readonly Word[];
}

export interface StopSignalInstruction extends Base {
  readonly kind: 'STOPSIGNAL';
  readonly signal: Word;
}

export interface HealthcheckInstruction extends Base {
  readonly kind: 'HEALTHCHECK';
  /** Undefined for `HEALTHCHECK NONE`. */
  readonly command: CommandLine | undefined;
  /** Durations in nanoseconds, as the image's config has them; 0 is the runtime's default. */
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

export interface OnbuildInstruction extends Base {
  readonly kind: 'ONBUILD';
  /** The trigger as text, heredocs included: what the image's config keeps. */
  readonly expression: string;
  /** The trigger with its meaning; undefined when it is wrong (a build notices that only when it runs). */
  readonly trigger: Instruction | undefined;
}

export interface MaintainerInstruction extends Base {
  readonly kind: 'MAINTAINER';
  readonly maintainer: Word;
}

export type Instruction =
  | AddInstruction
  | ArgInstruction
  | CmdInstruction
  | CopyInstruction
  | EntrypointInstruction
  | EnvInstruction
  | ExposeInstruction
  | FromInstruction
  | HealthcheckInstruction
  | LabelInstruction
  | MaintainerInstruction
  | OnbuildInstruction
  | RunInstruction
  | ShellInstruction
  | StopSignalInstruction
  | UserInstruction
  | VolumeInstruction
  | WorkdirInstruction;

export interface Stage {
  readonly index: number;
  /** In lower case; undefined without `AS`. */
  readonly name: string | undefined;
  readonly from: FromInstruction;
  /** Without FROM; wrong ones are left out (`nodes` has them). */
  readonly instructions: readonly Instruction[];
  /** All nodes of the stage, FROM first. */
  readonly nodes: readonly InstructionNode[];
  /** All of it, in pieces. */
  readonly pages: readonly Page[];
}

/** What one instruction of the tree says. */
export interface ReadNode {
  readonly node: InstructionNode;
  /** Undefined when it is too wrong to mean something. */
  readonly instruction: Instruction | undefined;
  readonly problems: readonly Problem[];
}

/** A whole Dockerfile. Build it only when `firstProblem` says undefined. */
export interface Dockerfile {
  readonly tree: Tree;
  /** All instructions of the tree, in order. */
  readonly reads: readonly ReadNode[];
  /** All instructions of the tree, in pieces. */
  readonly pages: readonly Page[];
  /** ARG instructions before the first FROM. */
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  /** Those of the tree and of the instructions, by offset. */
  readonly problems: readonly Problem[];
}
