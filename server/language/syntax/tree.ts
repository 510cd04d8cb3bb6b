import { NodeKey } from './nodeMemo.ts';
import { type Anchor, type Flag, Place, type Word } from './place.ts';

export type { Flag, Word } from './place.ts';

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

/** `<<EOF` and its body. */
export interface Heredoc {
  /** The word on the instruction's line, such as `<<-"EOF"` or `3<<EOF`. */
  readonly marker: Place;
  readonly name: string;
  readonly fileDescriptor: number;
  /** False when a part of the word is quoted: variables stay as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are dropped from body and terminator (`chomped` gives the body without them). */
  readonly chomp: boolean;
  /** The body as it is written, with its line ends. */
  readonly content: string;
  readonly body: Place;
  /** Undefined when the file ends first, which is a problem of the tree. */
  readonly terminator: Place | undefined;
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

/** A line, or several, of the file. The span is what stands on them. */
abstract class LinesOf extends Place {
  /** How many there are behind the first. */
  private readonly more: number;

  constructor(anchor: Anchor, parts: Span & { readonly lines: number }) {
    super(anchor, parts);
    this.more = parts.lines - 1;
  }

  get line(): number {
    return this.anchor.line;
  }

  /** Inclusive. */
  get endLine(): number {
    return this.anchor.line + this.more;
  }
}

/** `# syntax=`, `# escape=` or `# check=` at the top of the file. */
export class DirectiveElement extends LinesOf {
  readonly kind = 'directive' as const;
  /** `text` is in lower case. */
  readonly name: Word;
  readonly value: Word;

  constructor(anchor: Anchor, { name, value, ...span }: Span & Pick<DirectiveElement, 'name' | 'value'>) {
    super(anchor, { ...span, lines: 1 });
    this.name = name;
    this.value = value;
  }
}

/** A line that is a comment, outside of instructions. The span begins at `#`, ends before the line's end. */
export class CommentElement extends LinesOf {
  readonly kind = 'comment' as const;

  constructor(anchor: Anchor, span: Span) {
    super(anchor, { ...span, lines: 1 });
  }
}

/** A line without anything. */
export class BlankElement extends LinesOf {
  readonly kind = 'blank' as const;

  constructor(anchor: Anchor, span: Span) {
    super(anchor, { ...span, lines: 1 });
  }
}

/** What an instruction is made of; its places are where they are now. */
export interface InstructionParts extends Span {
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
  readonly innerComments: readonly Place[];
  /** Lines of empty continuation lines, which BuildKit will refuse one day. */
  readonly emptyLines: readonly number[];
}

/** One instruction with its continuation lines and heredoc bodies. */
export class InstructionNode extends LinesOf implements InstructionParts {
  readonly kind = 'instruction' as const;
  readonly keyword: Word;
  readonly name: InstructionName | undefined;
  readonly flags: readonly Flag[];
  readonly rest: Word;
  readonly args: readonly Word[];
  readonly json: boolean;
  readonly legacyPair: boolean;
  readonly heredocs: readonly Heredoc[];
  readonly trigger: InstructionNode | undefined;
  readonly source: string;
  readonly comments: readonly string[];
  readonly innerComments: readonly Place[];
  /** For what is remembered about it. */
  readonly key = new NodeKey();
  /** Counted from the first line of the instruction. */
  private readonly emptyAt: readonly number[];

  constructor(anchor: Anchor, parts: InstructionParts & { readonly lines: number }) {
    super(anchor, parts);
    this.keyword = parts.keyword;
    this.name = parts.name;
    this.flags = parts.flags;
    this.rest = parts.rest;
    this.args = parts.args;
    this.json = parts.json;
    this.legacyPair = parts.legacyPair;
    this.heredocs = parts.heredocs;
    this.trigger = parts.trigger;
    this.source = parts.source;
    this.comments = parts.comments;
    this.innerComments = parts.innerComments;
    this.emptyAt = parts.emptyLines.length === 0 ? none : parts.emptyLines.map(line => line - anchor.line);
  }

  get emptyLines(): readonly number[] {
    return this.emptyAt.length === 0 ? none : this.emptyAt.map(line => line + this.anchor.line);
  }

  /** The instruction with some of its parts replaced. */
  with(parts: Partial<InstructionParts>): InstructionNode {
    const { start, end, emptyLines } = this;
    const lines = this.endLine - this.line + 1;
    return new InstructionNode(this.anchor, { ...this, start, end, emptyLines, lines, ...parts });
  }
}

const none: readonly number[] = [];

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
