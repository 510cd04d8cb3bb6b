import type { ImageSummary } from '../../server/protocol/types.ts';
import { rootItem } from './fileItems.ts';
import type { Item } from './item.ts';
import { shortId, sizeText } from './words.ts';

/** Rows of the Images view: one for each tag by name, then the images without one, newest first. */
export function imageItems(images: readonly ImageSummary[]): readonly Item[] {
  const tagged = images.flatMap(image => image.tags.map(tag => imageItem(image, tag)));
  tagged.sort((a, b) => a.label.localeCompare(b.label));
  const dangling = images.filter(image => image.tags.length === 0);
  dangling.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return [...tagged, ...dangling.map(image => imageItem(image, undefined))];
}

function imageItem(image: ImageSummary, reference: string | undefined): Item {
  const label = reference ?? `<none> ${shortId(image.id)}`;
  const id = `image/${image.id}/${reference ?? ''}`;
  const use = image.containers.length === 0 ? [] : ['in use'];
  return {
    id,
    label,
    description: [sizeText(image.size), ...use].join(' · '),
    icon: reference === undefined ? { id: 'circle-slash' } : { id: 'package' },
    spoken: [label, ...(reference === undefined ? ['without a tag'] : []), sizeText(image.size), ...use].join(
      ', ',
    ),
    contextValue: reference === undefined ? 'image dangling' : 'image tagged',
    subject: { kind: 'image', image, reference },
    children: [layersItem(id, image), rootItem(id, { kind: 'image', id: image.id })],
  };
}

function layersItem(owner: string, image: ImageSummary): Item {
  return {
    id: `${owner}/layers`,
    label: 'Layers',
    icon: { id: 'layers' },
    spoken: 'layers, with the instruction that made each',
    contextValue: 'layers',
    subject: { kind: 'changes' },
    children: [],
    lazy: { kind: 'layers', image: image.id },
  };
}
