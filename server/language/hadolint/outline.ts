import type { Dockerfile, FromInstruction, Instruction, ReadNode } from '../instructions/types.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
import type { InstructionName, InstructionNode } from '../syntax/tree.ts';
import { type ImageName, splitImageName } from './imageName.ts';

/** An instruction in its place. */
export interface Step<T extends Instruction = Instruction> {
  /** What stands in the file: the ONBUILD of a trigger. */
  readonly node: InstructionNode;
  readonly instruction: T;
}

/** A stage, or what stands before the first one, with all of its steps or those of one kind. */
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
  readonly content: StageContent;
}

export interface OutlineStage extends StagePart {
  /** The stage with its steps of one kind: its content stays when others change. */
  readonly only: (kind: InstructionName) => StagePart;
}

/** Stands for what a stage says: the same object as long as it says the same, wherever it moves. */
export interface StageContent {
  readonly steps: readonly Step[];
  /** What is remembered about it, by the numbers of the memories. */
  readonly memory: unknown[];
  /** The contents of its parts that were asked for. */
  readonly parts: Map<InstructionName, StageContent>;
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

function readOutline({ reads }: Dockerfile): Outline {
  const triggers: Step[] = [];
  const drafts: Draft[] = [{ from: undefined, steps: [] }];
  let draft = drafts[0];
  for (const read of reads) {
    if (!isStep(read)) continue;
    const { node, instruction } = read;
    if (instruction.kind === 'FROM') {
      draft = { from: instruction, steps: [] };
      drafts.push(draft);
    } else draft?.steps.push(read);
    if (instruction.kind === 'ONBUILD' && instruction.trigger) {
      triggers.push({ node, instruction: instruction.trigger });
    }
  }
  return {
    stages: drafts.map(one => new Outlined(one, contents)),
    triggers: [new Outlined({ from: undefined, steps: triggers }, triggerContents)],
  };
}

function isStep(read: ReadNode): read is ReadNode & Step {
  return read.instruction !== undefined;
}

interface Draft {
  readonly from: FromInstruction | undefined;
  readonly steps: Step[];
}

class Outlined implements OutlineStage {
  readonly from: FromInstruction | undefined;
  readonly image: ImageName | undefined;
  readonly alias: string | undefined;
  readonly base: string;
  readonly steps: readonly Step[];
  readonly content: StageContent;
  readonly #before: StageContent | undefined;
  readonly #parts = new Map<InstructionName, StagePart>();
  #byKind: ReadonlyMap<InstructionName, readonly Step[]> | undefined;

  constructor({ from, steps }: Draft, memo: NodeMemo<StageContent>) {
    this.from = from;
    this.image = from && splitImageName(from.image.text);
    this.alias = from?.alias?.text.toLowerCase();
    this.base = this.image?.name.toLowerCase() ?? '';
    this.steps = steps;
    const first = from?.node ?? steps[0]?.node;
    this.#before = first && memo.get(first);
    this.content = nextContent(this.#before, steps);
    if (first && this.content !== this.#before) memo.set(first, this.content);
  }

  only(kind: InstructionName): StagePart {
    let part = this.#parts.get(kind);
    if (!part) {
      part = this.#createPart(kind);
      this.#parts.set(kind, part);
    }
    return part;
  }

  #createPart(kind: InstructionName): StagePart {
    const { parts } = this.content;
    let content = parts.get(kind);
    if (!content) {
      content = nextContent(this.#before?.parts.get(kind), this.stepsOf(kind));
      parts.set(kind, content);
    }
    return new Part(this, kind, content);
  }

  stepsOf(kind: InstructionName): readonly Step[] {
    this.#byKind ??= groupByKind(this.steps);
    return this.#byKind.get(kind) ?? [];
  }
}

class Part implements StagePart {
  readonly content: StageContent;
  readonly #stage: Outlined;
  readonly #kind: InstructionName;

  constructor(stage: Outlined, kind: InstructionName, content: StageContent) {
    this.content = content;
    this.#stage = stage;
    this.#kind = kind;
  }

  get from(): StagePart['from'] {
    return this.#stage.from;
  }

  get image(): StagePart['image'] {
    return this.#stage.image;
  }

  get alias(): StagePart['alias'] {
    return this.#stage.alias;
  }

  get base(): StagePart['base'] {
    return this.#stage.base;
  }

  /** Put together when they are asked for: nobody does as long as nothing is found in them. */
  get steps(): readonly Step[] {
    return this.#stage.stepsOf(this.#kind);
  }
}

/** By the first instruction of each stage. */
const contents = new NodeMemo<StageContent>();
const triggerContents = new NodeMemo<StageContent>();

/** The content that was there before, when it is that of the steps. */
function nextContent(before: StageContent | undefined, steps: readonly Step[]): StageContent {
  if (before === undefined || before.steps.length !== steps.length) return createContent(steps);
  const last = before.steps;
  for (const [index, step] of steps.entries()) {
    // Most are the same objects, into which nobody has to look.
    if (step !== last[index] && step.node !== last[index]?.node) return createContent(steps);
  }
  return before;
}

function createContent(steps: readonly Step[]): StageContent {
  return { steps, memory: [], parts: new Map() };
}

function groupByKind(steps: readonly Step[]): Map<InstructionName, Step[]> {
  const byKind = new Map<InstructionName, Step[]>();
  for (const step of steps) {
    const { kind } = step.instruction;
    const group = byKind.get(kind);
    if (group) group.push(step);
    else byKind.set(kind, [step]);
  }
  return byKind;
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
