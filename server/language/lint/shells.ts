import type { ShellInstruction } from '../instructions/types.ts';

/** A SHELL that applies. */
export interface Shell {
  readonly words: readonly string[];
  /** Two with the same words have the same. */
  readonly id: string;
}

/** The one that an instruction chooses. */
export function shellOf(instruction: ShellInstruction): Shell {
  const words = instruction.words.map(({ text }) => text);
  return { words, id: JSON.stringify(words) };
}
