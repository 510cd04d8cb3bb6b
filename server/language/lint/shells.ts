import type { StageFacts } from '../evaluation/types.ts';
import type { Instruction } from '../instructions/types.ts';

/** A SHELL that applies. */
export interface Shell {
  readonly words: readonly string[];
  /** Two with the same words have the same. */
  readonly id: string;
}

/** Which SHELL applies where: ask instruction after instruction, in the order of the file. */
export class Shells {
  readonly #stages: readonly StageFacts[];
  readonly #atEnd = new Map<StageFacts, Shell | undefined>();
  #next = 0;
  #stage: StageFacts | undefined;
  #shell: Shell | undefined;

  constructor(stages: readonly StageFacts[]) {
    this.#stages = stages;
  }

  /** Undefined when it is that of the base image. */
  before(instruction: Instruction): Shell | undefined {
    if (instruction.kind === 'FROM') this.#open();
    const shell = this.#shell;
    if (instruction.kind === 'SHELL') {
      const words = instruction.words.map(({ text }) => text);
      this.#shell = { words, id: JSON.stringify(words) };
    }
    return shell;
  }

  #open(): void {
    if (this.#stage) this.#atEnd.set(this.#stage, this.#shell);
    this.#stage = this.#stages[this.#next++];
    const base = this.#stage?.base;
    this.#shell = base && this.#atEnd.get(base);
  }
}
