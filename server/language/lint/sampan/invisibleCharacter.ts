import { instructionNames } from '../../instructions/names.ts';
import type { InstructionRule } from '../editorRule.ts';

// The joiners U+200C and U+200D are left alone: emojis are made with them.
const invisible = /[\u00a0\u2007\u202f\u200b\u2060\ufeff]/g;

const names: ReadonlyMap<string, string> = new Map([
  ['\u00a0', 'a no-break space'],
  ['\u2007', 'a figure space'],
  ['\u202f', 'a narrow no-break space'],
]);

/** Blanks are blanks. */
export const invisibleCharacter: InstructionRule = {
  id: 'InvisibleCharacter',
  source: 'sampan',
  scope: 'instruction',
  on: instructionNames,
  severity: 'warning',
  summary: 'A character that looks like a blank or like nothing',
  documentation:
    'Text that is copied from a web page or a chat can hold characters that look like blanks, or that cannot be seen at all. For a build and for a shell they are a part of the word. Replace them by a blank, or remove them.',
  *check({ node, text }) {
    const end = node.heredocs[0]?.body.start ?? node.end;
    const own = text.slice(node.start, end);
    for (const { 0: character, index } of own.matchAll(invisible)) {
      const start = node.start + index;
      const isBlank = names.has(character);
      const changes = [{ start, end: start + 1, text: isBlank ? ' ' : '' }];
      const what = names.get(character) ?? 'a character without width';
      const title = isBlank ? 'Replace it by a blank' : 'Remove it';
      yield { start, end: start + 1, message: `This is ${what}`, fix: { title, isGuess: true, changes } };
    }
  },
};
