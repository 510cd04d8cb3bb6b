import type { ImageDetail } from '../../server/protocol/types.ts';
import type { Item } from './item.ts';
import { shortId, sizeText } from './words.ts';

/** Rows of an image's layers, the first one first as in the Dockerfile: instruction and size, below it what it changed. */
export function layerItems(owner: string, image: ImageDetail): readonly Item[] {
  return image.layers.map(({ chainId, diffId, createdBy, size }, index) => {
    const label = instructionText(createdBy) || `layer ${shortId(diffId)}`;
    const description = size === undefined ? 'missing' : sizeText(size);
    return {
      id: `${owner}/layer/${index}`,
      label,
      description,
      icon: { id: 'layers' },
      spoken: `layer ${index + 1}, ${label}, ${description}`,
      contextValue: 'layer',
      subject: { kind: 'layer', chainId, label },
      children: [],
      lazy: { kind: 'layer', chainId },
    };
  });
}

/** The instruction as a Dockerfile has it: without what builders write around it. */
export function instructionText(createdBy: string): string {
  return createdBy
    .replace(/\s+/g, ' ')
    .replace(/ # buildkit$/, '')
    .replace(/^\/bin\/sh -c #\(nop\) +/, '')
    .replace(/^(\|\d+ .*?)?\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN (\|\d+ .*?)?\/bin\/sh -c /, 'RUN ')
    .trim();
}
