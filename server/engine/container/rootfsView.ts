import type { FsSession, MountedRootfs } from '../runtime/types.ts';
import { type ContainerContext, viewLayers } from './context.ts';

/** A container's file tree, mounted read-only in a session of its own at first use. */
export class RootfsView {
  readonly #context: ContainerContext;
  readonly #id: string;
  #session: FsSession | undefined;
  #mounted: Promise<MountedRootfs> | undefined;

  constructor(context: ContainerContext, id: string) {
    this.#context = context;
    this.#id = id;
  }

  rootfs(): Promise<MountedRootfs> {
    this.#mounted ??= this.#mount();
    return this.#mounted;
  }

  async #mount(): Promise<MountedRootfs> {
    const layers = await viewLayers(this.#context, this.#id);
    this.#session = await this.#context.runtime.openFs();
    return this.#session.mount(layers);
  }

  async close(): Promise<void> {
    await this.#mounted?.catch(() => undefined);
    await this.#session?.close();
  }
}
