import type { Dockerfile, FromInstruction, Instruction } from '../instructions/types.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { type ImageName, splitImageName } from './imageName.ts';

/** An instruction in its place. */
export interface Step<T extends Instruction = Instruction> {
  /** What stands in the file: the ONBUILD of a trigger. */
  readonly node: InstructionNode;
  readonly instruction: T;
}

/** A stage, or what stands before the first one. */
export interface OutlineStage {
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

/** Stands for what a stage says: the same object as long as it says the same, wherever it moves. */
export interface StageContent {
  /** Of its instructions. */
  readonly keys: readonly object[];
  /** What is remembered about it, by the numbers of the memories. */
  readonly memory: unknown[];
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
  for (const { node, instruction } of reads) {
    if (instruction?.kind === 'FROM') drafts.push({ from: instruction, steps: [] });
    else if (instruction) drafts.at(-1)?.steps.push({ node, instruction });
    if (instruction?.kind === 'ONBUILD' && instruction.trigger) {
      triggers.push({ node, instruction: instruction.trigger });
    }
  }
  return {
    stages: drafts.map(draft => toStage(draft, contents)),
    triggers: [toStage({ from: undefined, steps: triggers }, triggerContents)],
  };
}

interface Draft {
  readonly from: FromInstruction | undefined;
  readonly steps: Step[];
}

function toStage({ from, steps }: Draft, memo: NodeMemo<StageContent>): OutlineStage {
  const image = from && splitImageName(from.image.text);
  const alias = from?.alias?.text.toLowerCase();
  return {
    from,
    image,
    alias,
    base: image?.name.toLowerCase() ?? '',
    steps,
    content: contentOf({ from, steps }, memo),
  };
}

/** By the first instruction of each stage. */
const contents = new NodeMemo<StageContent>();
const triggerContents = new NodeMemo<StageContent>();

function contentOf({ from, steps }: Draft, memo: NodeMemo<StageContent>): StageContent {
  const first = from?.node ?? steps[0]?.node;
  const known = first && memo.get(first);
  if (
    known?.keys.length === steps.length &&
    steps.every(({ node }, index) => node.key === known.keys[index])
  ) {
    return known;
  }
  const content = { keys: steps.map(({ node }) => node.key), memory: [] };
  if (first) memo.set(first, content);
  return content;
}

/** What a stage goes by: its alias, else the name of its image; empty before the first stage. */
export function stageKey({ alias, base }: OutlineStage): string {
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
