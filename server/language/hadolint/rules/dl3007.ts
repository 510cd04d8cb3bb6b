import type { InstructionRule } from '../../lint/editorRule.ts';
import { splitImageName } from '../imageName.ts';

/** The tag of a base image says which one it is. */
export const dl3007: InstructionRule = {
  id: 'DL3007',
  source: 'hadolint',
  scope: 'instruction',
  on: ['FROM'],
  severity: 'warning',
  summary: 'The tag of a base image is not latest',
  documentation:
    '`latest` is another image whenever its makers say so, and a build that worked fails. Choose the tag of a release, or add a digest.\n\n```dockerfile\nFROM debian:12.9-slim\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'FROM') return;
    const { start, end, text } = instruction.image;
    const { tag, digest } = splitImageName(text);
    if (tag !== 'latest' || digest !== undefined) return;
    yield { start, end, message: 'latest changes without notice: choose the tag of a release' };
  },
};
