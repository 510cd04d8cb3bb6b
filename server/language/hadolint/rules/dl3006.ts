import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf } from '../outline.ts';

/** Base images have a tag. */
export const dl3006: FileRule = {
  id: 'DL3006',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'A base image has a tag',
  documentation:
    'Without a tag the image is that of `latest`, which is another one whenever its makers say so.\n\n```dockerfile\nFROM debian:12.9-slim\n```',
  *check({ file }) {
    const aliases = new Set<string>();
    for (const { from, image, alias, base } of outlineOf(file).stages) {
      if (!from || !image) continue;
      const isKnown = image.name === 'scratch' || image.name.startsWith('$') || aliases.has(base);
      if (alias !== undefined) aliases.add(alias);
      if (isKnown || image.tag !== undefined || image.digest !== undefined || image.name === '') continue;
      const { start, end, text } = from.image;
      yield { start, end, node: from.node, message: `No tag is given for ${text}: write ${text}:<tag>` };
    }
  },
};
