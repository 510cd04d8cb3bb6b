import type { Page } from '../instructions/page.ts';
import type { Dockerfile, FromInstruction, Instruction, ReadNode } from '../instructions/types.ts';
import { NodeKey, NodeMemo, PageMemo } from '../syntax/nodeMemo.ts';
import type { InstructionName, InstructionNode, Tree } from '../syntax/tree.ts';
import { type ImageName, splitImageName } from './imageName.ts';

/** An instruction in its place. */
export interface Step<T extends Instruction = Instruction> {
  /** What stands in the file: the ONBUILD of a trigger. */
  readonly node: InstructionNode;
  readonly instruction: T;
}

/** A stage, or what stands before the first one, with all of its steps or those that a filter wants. */
export interface StagePart {
  /** Undefined for what stands before the first stage. */
  readonly from: FromInstruction | undefined;
  readonly image: ImageName | undefined;
  /** What later stages call it, in lower case; undefined without `AS`. */
  readonly alias: string | undefined;
  /** Name of the image in lower case, as an alias of an earlier stage is; empty before the first stage. */
  readonly base: string;
  /** Without FROM, ONBUILD as such. */
  readonly steps: readonly Step[];
}

/** Those steps of a stage that a filter wants. */
export interface FilteredPart extends StagePart {
  readonly content: StageContent;
}

export interface OutlineStage extends StagePart {
  /** All steps, in pieces. */
  readonly pieces: readonly Piece[];
  readonly where: (filter: StepFilter, tree: Tree) => FilteredPart;
}

/** Stands for what a part of a stage says: the same object as long as it says the same, wherever it moves. */
export interface StageContent {
  readonly steps: readonly Step[];
  /** What is remembered about it, by the numbers of the memories. */
  readonly memory: unknown[];
}

/** Steps that follow each other: the same object as long as they are the same. */
export interface Piece {
  readonly steps: readonly Step[];
  readonly key: NodeKey;
}

/** Which steps a rule wants to see: so that it looks at few of them, and at none again when others change. */
export class StepFilter {
  readonly #wants: (step: Step, tree: Tree) => boolean;
  readonly #wanted = new PageMemo<readonly Step[]>();

  constructor(wants: (step: Step, tree: Tree) => boolean) {
    this.#wants = wants;
  }

  of(piece: Piece, tree: Tree): readonly Step[] {
    let wanted = this.#wanted.get(piece);
    if (!wanted) {
      wanted = piece.steps.filter(step => this.#wants(step, tree));
      this.#wanted.set(piece, wanted);
    }
    return wanted;
  }
}

const ofKinds = new Map<InstructionName, StepFilter>();

/** The steps of a kind. */
export function ofKind(kind: InstructionName): StepFilter {
  const filter = ofKinds.get(kind) ?? new StepFilter(({ instruction }) => instruction.kind === kind);
  ofKinds.set(kind, filter);
  return filter;
}

/**
 * The instructions of a file in two lines: those that its build runs, and those behind ONBUILD, which run in another
 * build, one after the other. What remembers something on its way goes along each of them.
 */
export interface Outline {
  readonly stages: readonly OutlineStage[];
  /** All triggers of the file as if they were before any stage. */
  readonly triggers: readonly OutlineStage[];
}

/** The outline of a file, made once. Instructions that cannot be read are left out. */
export function outlineOf(file: Dockerfile): Outline {
  const known = outlines.get(file);
  if (known) return known;
  const outline = readOutline(file);
  outlines.set(file, outline);
  return outline;
}

const outlines = new WeakMap<Dockerfile, Outline>();

function readOutline({ pages, stages }: Dockerfile): Outline {
  const first = pages.findIndex(({ from }) => from);
  const head = pages.slice(0, first < 0 ? pages.length : first);
  const triggers = pages.map(triggerPiece).filter(({ steps }) => steps.length > 0);
  return {
    stages: [
      new Outlined(undefined, head.map(toPiece), contents),
      ...stages.map(stage => new Outlined(stage.from, stage.pages.map(toPiece), contents)),
    ],
    triggers: [new Outlined(undefined, triggers, triggerContents)],
  };
}

const pieces = new PageMemo<Piece>();
const triggerPieces = new PageMemo<Piece>();

function toPiece(page: Page): Piece {
  let piece = pieces.get(page);
  if (!piece) {
    piece = { steps: page.reads.filter(isStep), key: new NodeKey() };
    pieces.set(page, piece);
  }
  return piece;
}

function isStep(read: ReadNode): read is ReadNode & Step {
  return read.instruction !== undefined && read.instruction.kind !== 'FROM';
}

function triggerPiece(page: Page): Piece {
  let piece = triggerPieces.get(page);
  if (!piece) {
    const steps = page
      .only('ONBUILD')
      .flatMap(({ node, trigger }) => (trigger ? [{ node, instruction: trigger }] : []));
    piece = { steps, key: new NodeKey() };
    triggerPieces.set(page, piece);
  }
  return piece;
}

class Outlined implements OutlineStage {
  readonly from: FromInstruction | undefined;
  readonly image: ImageName | undefined;
  readonly alias: string | undefined;
  readonly base: string;
  readonly pieces: readonly Piece[];
  /** What was known of its parts when the file was looked at last. */
  readonly #contents: Map<StepFilter, StageContent>;
  readonly #parts = new Map<StepFilter, FilteredPart>();
  #steps: readonly Step[] | undefined;

  constructor(
    from: FromInstruction | undefined,
    parts: readonly Piece[],
    memo: NodeMemo<Map<StepFilter, StageContent>>,
  ) {
    this.from = from;
    this.image = from && splitImageName(from.image.text);
    this.alias = from?.alias?.text.toLowerCase();
    this.base = this.image?.name.toLowerCase() ?? '';
    this.pieces = parts;
    const first = from?.node ?? parts[0]?.steps[0]?.node;
    const known = first && memo.get(first);
    this.#contents = known ?? new Map();
    if (first && !known) memo.set(first, this.#contents);
  }

  get steps(): readonly Step[] {
    this.#steps ??= this.pieces.flatMap(({ steps }) => steps);
    return this.#steps;
  }

  where(filter: StepFilter, tree: Tree): FilteredPart {
    let part = this.#parts.get(filter);
    if (!part) {
      const { from, image, alias, base } = this;
      const steps = this.pieces.flatMap(piece => filter.of(piece, tree));
      const content = nextContent(this.#contents.get(filter), steps);
      this.#contents.set(filter, content);
      part = { from, image, alias, base, steps, content };
      this.#parts.set(filter, part);
    }
    return part;
  }
}

/** By the first instruction of each stage. */
const contents = new NodeMemo<Map<StepFilter, StageContent>>();
const triggerContents = new NodeMemo<Map<StepFilter, StageContent>>();

/** The content that was there before, when it is that of the steps. */
function nextContent(before: StageContent | undefined, steps: readonly Step[]): StageContent {
  const isSame =
    before?.steps.length === steps.length && before.steps.every((step, at) => step === steps[at]);
  return isSame ? before : { steps, memory: [] };
}

/** What a stage goes by: its alias, else the name of its image; empty before the first stage. */
export function stageKey({ alias, base }: StagePart): string {
  return alias ?? base;
}

/** Names of stages that something holds for, and so for those that are built on them. */
export class StageFlags {
  readonly #names = new Set<string>();

  /** It holds when a stage begins. */
  isInherited({ base }: OutlineStage): boolean {
    return this.#names.has(base);
  }

  /** Says whether it holds when a stage ends. */
  close(stage: OutlineStage, holds: boolean): void {
    if (holds) this.#names.add(stageKey(stage));
    else this.#names.delete(stageKey(stage));
  }
}
