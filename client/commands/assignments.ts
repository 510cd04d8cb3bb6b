import { splitWords } from './commandLine.ts';

/** Assignments as typed, or what is wrong with them. */
export type Assignments =
  | { readonly values: { readonly [name: string]: string }; readonly problem?: undefined }
  | { readonly problem: string };

/** Reads `NAME=value` words, separated and quoted as a shell does. */
export function parseAssignments(text: string): Assignments {
  const values: { [name: string]: string } = {};
  try {
    for (const word of splitWords(text)) {
      const at = word.indexOf('=');
      if (at < 1) return { problem: `${word} has no value: write ${word}=value.` };
      values[word.slice(0, at)] = word.slice(at + 1);
    }
    return { values };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
