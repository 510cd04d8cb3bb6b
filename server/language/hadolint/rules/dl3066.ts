import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf } from '../outline.ts';

/** The host can tell which user it is. */
export const dl3066: FileRule = {
  id: 'DL3066',
  source: 'hadolint',
  scope: 'file',
  severity: 'information',
  summary: 'USER names a user by its number',
  documentation:
    'The name of a user is looked up in the image when a container starts. Who only sees the image’s configuration cannot tell whether it is root: Kubernetes refuses such an image with `runAsNonRoot`.\n\n```dockerfile\nUSER 1000:1000\n```',
  *check({ file }) {
    const args: string[] = [];
    for (const { steps } of outlineOf(file).stages) {
      for (const { instruction, node } of steps) {
        if (instruction.kind === 'ARG') args.push(...instruction.declarations.map(({ key }) => key.text));
        if (instruction.kind !== 'USER') continue;
        const { start, end, text } = instruction.user;
        const isDeclared = args.some(name => text.includes(`$${name}`) || text.includes(`\${${name}}`));
        if (isDeclared || /^\d*(?::|$)/.test(text)) continue;
        yield { start, end, node, message: 'Outside of the image nobody knows this name: write the number' };
      }
    }
  },
};
