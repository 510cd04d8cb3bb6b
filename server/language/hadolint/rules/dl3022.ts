import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf } from '../outline.ts';

/** COPY takes over from a stage, or from an image that says which one it is. */
export const dl3022: FileRule = {
  id: 'DL3022',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'COPY --from names an earlier stage',
  documentation:
    'What is neither the name nor the number of a stage before is the name of an image, and without a tag that of `latest`. A slip in the name of a stage is so found late.\n\n```dockerfile\nFROM golang:1.23 AS build\nFROM scratch\nCOPY --from=build /app /app\n```',
  *check({ file }) {
    const aliases = new Set<string>();
    for (const [count, { alias, steps }] of outlineOf(file).stages.entries()) {
      if (alias !== undefined) aliases.add(alias);
      for (const { instruction, node } of steps) {
        if (instruction.kind !== 'COPY' || !instruction.from) continue;
        const { text, start, end } = instruction.from;
        const number = /^\d+/.exec(text)?.[0];
        const isStage = aliases.has(text.toLowerCase()) || (number !== undefined && Number(number) < count);
        if (isStage || text.includes(':')) continue;
        yield { start, end, node, message: `No stage before this one is called ${JSON.stringify(text)}` };
      }
    }
  },
};
