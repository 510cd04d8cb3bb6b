import { isDigest } from '../../common/digest.ts';
import {
  familiarName,
  familiarReference,
  parseReference,
  readReference,
  withDefaultTag,
} from '../../common/reference.ts';
import type { Image } from '../../engine/image/types.ts';
import type { Engine } from '../../engine/types.ts';
import type { ImageAccounts, Known, LocalImage } from '../../language/features/sources.ts';
import type { ImageFacts } from '../../language/index.ts';
import type { Log } from '../environment.ts';

/** Milliseconds for which a registry's tags are good; what cannot be had is asked for again after as long. */
const tagsLifetime = 5 * 60_000;

/** Milliseconds that a registry may take. */
const tagsPatience = 10_000;

/** Looks a base image up by its name in a file. Another object as soon as images have come or gone. */
export interface ImageLookup {
  find(name: string): ImageFacts | undefined;
}

interface TagListing {
  readonly tags: Known<readonly string[]>;
  readonly until: number;
}

/**
 * What the engine knows about images, for language features: they never wait for it. The first question opens the
 * engine, and the answer is there once it has told.
 */
export class LocalStore {
  #images: readonly LocalImage[] = [];
  #lookup: ImageLookup = { find: () => undefined };
  #onDidChange: () => void = () => {};
  #engine: Promise<Engine | undefined> | undefined;
  readonly #open: () => Promise<Engine>;
  readonly #log: Log;
  readonly #listings = new Map<string, TagListing>();
  readonly #accounts = new Map<string, Known<ImageAccounts>>();

  constructor(open: () => Promise<Engine>, log: Log) {
    this.#open = open;
    this.#log = log;
  }

  /** The images of the store, as far as they are known now. */
  images(): readonly LocalImage[] {
    void this.#ask();
    return this.#images;
  }

  /** What is known about base images; never opens the engine. */
  lookup(): ImageLookup {
    return this.#lookup;
  }

  /** Calls back whenever {@link lookup} has changed. One listener. */
  listen(onDidChange: () => void): void {
    this.#onDidChange = onDidChange;
  }

  /** Lists now and whenever images change. */
  follow(engine: Engine): void {
    engine.onDidChange(kinds => {
      if (kinds.includes('image')) void this.#list(engine);
    });
    void this.#list(engine);
  }

  /** The tags that a repository has in its registry; asks for them when they are not known. */
  tags(repository: string): Known<readonly string[]> {
    const now = Date.now();
    const known = this.#listings.get(repository);
    if (known && now < known.until) return known.tags;
    this.#listings.set(repository, { tags: 'pending', until: now + tagsPatience });
    void this.#fetchTags(repository);
    return 'pending';
  }

  /** Users and groups of an image by its id, of which nothing changes; looked for when they are not known. */
  accounts(id: string): Known<ImageAccounts> {
    if (!this.#accounts.has(id)) {
      this.#accounts.set(id, 'pending');
      void this.#readAccounts(id);
    }
    return this.#accounts.get(id);
  }

  async #readAccounts(id: string): Promise<void> {
    try {
      const engine = await this.#ask();
      this.#accounts.set(id, isDigest(id) ? await engine?.images.accounts(id) : undefined);
    } catch (error) {
      this.#log('debug', `users of ${id}: ${error instanceof Error ? error.message : error}`);
      this.#accounts.set(id, undefined);
    }
  }

  async #fetchTags(repository: string): Promise<void> {
    let tags: readonly string[] | undefined;
    try {
      const engine = await this.#ask();
      tags = await engine?.images.registryTags(repository, AbortSignal.timeout(tagsPatience));
    } catch (error) {
      this.#log('debug', `tags of ${repository}: ${error instanceof Error ? error.message : error}`);
    }
    this.#listings.set(repository, { tags, until: Date.now() + tagsLifetime });
  }

  /** An engine that does not open is a matter of the requests that need it; here there is nothing to offer then. */
  #ask(): Promise<Engine | undefined> {
    this.#engine ??= this.#open().catch(error => {
      this.#log('debug', `no images for completion: ${error instanceof Error ? error.message : error}`);
      this.#engine = undefined;
      return undefined;
    });
    return this.#engine;
  }

  /** The last images stay when the store cannot be read: the request that needs it will say why. */
  async #list(engine: Engine): Promise<void> {
    const images = await engine.images.survey().catch(() => undefined);
    if (images === undefined) return;
    this.#images = images.found.map(toLocalImage);
    this.#lookup = toLookup(this.#images);
    this.#onDidChange();
  }
}

function toLocalImage({ id, tags, repoDigests, config, size, createdAt }: Image): LocalImage {
  const { config: run = {} } = config;
  return {
    id,
    names: tags.map(familiar),
    digests: repoDigests.map(familiar),
    platform: [config.os, config.architecture, ...(config.variant ? [config.variant] : [])].join('/'),
    size,
    createdAt,
    env: run.Env ?? [],
    user: run.User || undefined,
    workdir: run.WorkingDir || undefined,
    ports: Object.keys(run.ExposedPorts ?? {}),
    hasShell: (run.Shell ?? []).length > 0,
    onbuild: run.OnBuild ?? [],
  };
}

/** Names without a tag mean `latest`; those with a digest mean what a registry gave for it. */
function toLookup(images: readonly LocalImage[]): ImageLookup {
  const byName = new Map<string, ImageFacts>();
  for (const image of images) {
    const facts = toFacts(image);
    for (const name of [...image.names, ...image.digests]) byName.set(name, facts);
  }
  return {
    find: name => {
      const { reference } = readReference(name);
      if (reference?.digest) return byName.get(`${familiarName(reference)}@${reference.digest}`);
      return reference && byName.get(familiarReference(withDefaultTag(reference)));
    },
  };
}

/** Without the platform: a build for another one fetches the image for that. */
function toFacts({ env, hasShell, onbuild }: LocalImage): ImageFacts {
  const pairs = env.map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return { env: new Map(pairs), hasShell, platform: undefined, onbuild };
}

function familiar(reference: string): string {
  return familiarReference(parseReference(reference));
}
