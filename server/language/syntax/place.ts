import type { Span } from './tree.ts';

/** How far something moves when text before it changes. */
export interface Shift {
  readonly offset: number;
  readonly lines: number;
}

/** Where an element of a tree begins. It moves with the text, and all that is placed by it moves along. */
export class Anchor {
  private at: number;
  private atLine: number;

  constructor(offset: number, line: number) {
    this.at = offset;
    this.atLine = line;
  }

  get offset(): number {
    return this.at;
  }

  /** 0-based. */
  get line(): number {
    return this.atLine;
  }

  move({ offset, lines }: Shift): void {
    this.at += offset;
    this.atLine += lines;
  }
}

/** A span that moves with the element that it is in. A copy by `...` would not: take {@link spanOf} for one that stays. */
export class Place implements Span {
  readonly anchor: Anchor;
  private readonly from: number;
  private readonly to: number;

  /** `span` is where it is now. */
  constructor(anchor: Anchor, { start, end }: Span) {
    this.anchor = anchor;
    this.from = start - anchor.offset;
    this.to = end - anchor.offset;
  }

  get start(): number {
    return this.anchor.offset + this.from;
  }

  get end(): number {
    return this.anchor.offset + this.to;
  }
}

/**
 * A piece of an instruction. `text` is what BuildKit's parser hands on: continuations and the comments inside
 * them are gone, quotes and variables are still there. The span is where it is written, continuations included.
 */
export class Word extends Place {
  readonly text: string;

  constructor(anchor: Anchor, part: Span & { readonly text: string }) {
    super(anchor, part);
    this.text = part.text;
  }

  /** Another text in the same place. */
  withText(text: string): Word {
    return this.part(text, this);
  }

  /** A piece of the same element. */
  part(text: string, { start, end }: Span): Word {
    return new Word(this.anchor, { text, start, end });
  }
}

/** `--name` or `--name=value`; quotes and escapes are resolved in `text`, `name` and `value`. */
export class Flag extends Word {
  /** Without the two dashes. */
  readonly name: Word;
  /** Undefined without `=`; `--name=` has a value with an empty text. */
  readonly value: Word | undefined;

  constructor(word: Word, { name, value }: Pick<Flag, 'name' | 'value'>) {
    const { text, start, end } = word;
    super(word.anchor, { text, start, end });
    this.name = name;
    this.value = value;
  }
}

/** `start` and `end` of something that has more or moves. */
export function spanOf({ start, end }: Span): Span {
  return { start, end };
}
