import { familiarReference, parseReference } from '../../common/reference.ts';
import type { Engine } from '../../engine/types.ts';

/**
 * Names of the images that are here, for completion. Empty until the engine is open and has listed them:
 * a language feature never waits for the engine.
 */
export class ImageNames {
  #names: readonly string[] = [];

  get all(): readonly string[] {
    return this.#names;
  }

  /** Lists now and whenever images change. */
  follow(engine: Engine): void {
    engine.onDidChange(kinds => {
      if (kinds.includes('image')) void this.#list(engine);
    });
    void this.#list(engine);
  }

  /** The last names stay when the store cannot be read: the request that needs it will say why. */
  async #list(engine: Engine): Promise<void> {
    const images = await engine.images.list().catch(() => undefined);
    if (images === undefined) return;
    this.#names = images.flatMap(({ tags }) => tags.map(tag => familiarReference(parseReference(tag))));
  }
}
