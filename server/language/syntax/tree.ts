import type { NodeKey } from './nodeMemo.ts';

/**
 * The syntax tree: what is written, where. It is always complete, also for broken and half-typed files.
 *
 * Offsets are UTF-16 code units into the text, as JavaScript's strings and the editor count them. Lines are
 * 0-based. `line..endLine` of the elements, in order, are all lines of the file, each once.
 */

/** Continues a line at its end and escapes a character elsewhere; `# escape=` chooses it. */
export type EscapeToken = '\\' | '`';

/** A half-open range of offsets into the file's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A piece of an instruction. `text` is what BuildKit's parser hands on: continuations and the comments inside
 * them are gone, quotes and variables are still there. The span is where it is written, continuations included.
 */
export interface Word extends Span {
  readonly text: string;
}

/** `--name` or `--name=value`; quotes and escapes are resolved in `text`, `name` and `value`. */
export interface Flag extends Word {
  /** Without the two dashes. */
  readonly name: Word;
  /** Undefined without `=`; `--name=` has a value with an empty text. */
  readonly value: Word | undefined;
}

/** `<<EOF` and its body. */
export interface Heredoc {
  /** The word on the instruction's line, such as `<<-"EOF"` or `3<<EOF`. */
  readonly marker: Span;
  readonly name: string;
  readonly fileDescriptor: number;
  /** False when a part of the word is quoted: variables stay as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are dropped from body and terminator (`chomped` gives the body without them). */
  readonly chomp: boolean;
  /** The body as it is written, with its line ends. */
  readonly content: string;
  readonly body: Span;
  /** Undefined when the file ends first, which is a problem of the tree. */
  readonly terminator: Span | undefined;
}

export type InstructionName =
  | 'ADD'
  | 'ARG'
  | 'CMD'
  | 'COPY'
  | 'ENTRYPOINT'
  | 'ENV'
  | 'EXPOSE'
  | 'FROM'
  | 'HEALTHCHECK'
  | 'LABEL'
  | 'MAINTAINER'
  | 'ONBUILD'
  | 'RUN'
  | 'SHELL'
  | 'STOPSIGNAL'
  | 'USER'
  | 'VOLUME'
  | 'WORKDIR';

interface Lines {
  readonly line: number;
  /** Inclusive. */
  readonly endLine: number;
}

/** `# syntax=`, `# escape=` or `# check=` at the top of the file. */
export interface DirectiveElement extends Lines, Span {
  readonly kind: 'directive';
  /** `text` is in lower case. */
  readonly name: Word;
  readonly value: Word;
}

/** A line that is a comment, outside of instructions. The span begins at `#`, ends before the line's end. */
export interface CommentElement extends Lines, Span {
  readonly kind: 'comment';
}

/** A line without anything. */
export interface BlankElement extends Lines, Span {
  readonly kind: 'blank';
}

/** One instruction with its continuation lines and heredoc bodies. */
export interface InstructionNode extends Lines, Span {
  readonly kind: 'instruction';
  /** As it is written, in any case. */
  readonly keyword: Word;
  /** Undefined when there is no such instruction. */
  readonly name: InstructionName | undefined;
  readonly flags: readonly Flag[];
  /** All that follows the flags. */
  readonly rest: Word;
  /**
   * The arguments: words for FROM, EXPOSE, COPY, ADD, VOLUME, ARG, ENV and LABEL (of the old `ENV key value` form
   * the key and all the rest), the members of the JSON form, else `rest` as one word. For HEALTHCHECK the type comes first.
   */
  readonly args: readonly Word[];
  /** The arguments are written as a JSON array. */
  readonly json: boolean;
  /** `ENV key value` or `LABEL key value`: one pair, without `=`. */
  readonly legacyPair: boolean;
  readonly heredocs: readonly Heredoc[];
  /** The instruction behind ONBUILD. */
  readonly trigger: InstructionNode | undefined;
  /** The instruction on one line, trimmed, without its heredocs: what a build shows for it. */
  readonly source: string;
  /** Text of the comment lines directly above, without `#`. */
  readonly comments: readonly string[];
  /** Comments between continuation lines. */
  readonly innerComments: readonly Span[];
  /** Lines of empty continuation lines, which BuildKit will refuse one day. */
  readonly emptyLines: readonly number[];
  /** The same object as long as all of this stays as it is, wherever it moves: for what is remembered about it. */
  readonly key: NodeKey;
}

export type Element = DirectiveElement | CommentElement | BlankElement | InstructionNode;

/** Something that makes a build refuse the file. */
export interface Problem extends Span {
  /**
   * Which of a build's steps refuses it: the parser, the reader of instructions, the FROM lines, who reads from
   * whom, or an instruction in its place. A build stops at the first and never sees those of later steps.
   */
  readonly phase: 'parse' | 'instruction' | 'from' | 'graph' | 'build';
  /** Stable, in kebab-case, such as `unknown-instruction`. */
  readonly code: string;
  readonly message: string;
  /** What was probably meant: replaces the text of the span. */
  readonly suggestion?: string;
}

export interface Tree {
  readonly text: string;
  /** Offset of the first character of each line. There is always one line. */
  readonly lineStarts: readonly number[];
  readonly escapeToken: EscapeToken;
  readonly elements: readonly Element[];
  readonly problems: readonly Problem[];
}
