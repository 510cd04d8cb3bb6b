import { familiarReference, parseReference } from '../../common/reference.ts';
import type { Image, ImageStore } from '../image/types.ts';
import type { EventJournal } from './journal.ts';

/** The same store, telling what is done to images by users. What a build makes is told by its tags. */
export function tellingImages(images: ImageStore, journal: EventJournal): ImageStore {
  const tell = (action: string, id: string, name: string) =>
    journal.append({ type: 'image', action, actor: { id, attributes: { name } } });
  const nameOf = ({ id, tags: [tag] }: Image) => (tag === undefined ? id : familiar(tag));
  const tellAll = (action: string, made: readonly Image[]) => {
    for (const image of made) tell(action, image.id, nameOf(image));
  };
  return {
    ...images,
    async pull(...args) {
      const image = await images.pull(...args);
      tell('pull', nameOf(image), nameOf(image));
      return image;
    },
    async push(...args) {
      const pushed = await images.push(...args);
      for (const { reference } of pushed) tell('push', familiar(reference), familiar(reference));
      return pushed;
    },
    async load(...args) {
      const loaded = await images.load(...args);
      tellAll('load', loaded);
      return loaded;
    },
    async import(...args) {
      const image = await images.import(...args);
      tellAll('import', [image]);
      return image;
    },
    async create(...args) {
      const image = await images.create(...args);
      for (const tag of image.tags) tell('tag', image.id, familiar(tag));
      return image;
    },
    async tag(id, reference) {
      await images.tag(id, reference);
      tell('tag', id, familiar(reference));
    },
    async remove(...args) {
      const removed = await images.remove(...args);
      for (const reference of removed.untagged) tell('untag', familiar(reference), familiar(reference));
      for (const id of removed.deleted) tell('delete', id, id);
      return removed;
    },
  };
}

/** `busybox:1` for `docker.io/library/busybox:1`. */
function familiar(reference: string): string {
  return familiarReference(parseReference(reference));
}
