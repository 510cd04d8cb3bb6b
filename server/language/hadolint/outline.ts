import type { Dockerfile, FromInstruction, Instruction } from '../instructions/types.ts';
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
  let steps: Step[] = [];
  const stages: OutlineStage[] = [withoutStage(steps)];
  for (const { node, instruction } of reads) {
    if (instruction?.kind === 'FROM') {
      steps = [];
      stages.push(openStage(instruction, steps));
    } else if (instruction) steps.push({ node, instruction });
    if (instruction?.kind === 'ONBUILD' && instruction.trigger) {
      triggers.push({ node, instruction: instruction.trigger });
    }
  }
  return { stages, triggers: [withoutStage(triggers)] };
}

function withoutStage(steps: readonly Step[]): OutlineStage {
  return { from: undefined, image: undefined, alias: undefined, base: '', steps };
}

function openStage(from: FromInstruction, steps: readonly Step[]): OutlineStage {
  const image = splitImageName(from.image.text);
  return { from, image, alias: from.alias?.text.toLowerCase(), base: image.name.toLowerCase(), steps };
}

/** What a stage goes by: its alias, else the name of its image; empty before the first stage. */
export function stageKey({ alias, base }: OutlineStage): string {
  return alias ?? base;
}

/** What stages remember for those that are built on them, which know each other by {@link stageKey}. */
export class StageFlags {
  readonly #set = new Set<string>();
  #current = '';

  /** Goes on to a stage, which begins as what it is built on ended. */
  open(stage: OutlineStage): void {
    this.#current = stageKey(stage);
    if (this.#set.has(stage.base)) this.#set.add(this.#current);
    else this.#set.delete(this.#current);
  }

  get isSet(): boolean {
    return this.#set.has(this.#current);
  }

  set(): void {
    this.#set.add(this.#current);
  }
}
