import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createIgnoreMatcher, type IgnoreMatcher } from '../../language/index.ts';
import { localPath } from './localPath.ts';

/** Where an ignore file is, or would be made. */
export interface IgnoreFilePlace {
  readonly path: string;
  /** Undefined when there is none. */
  readonly text: string | undefined;
}

export interface IgnoreFilesOptions {
  readonly onDidLoad: (uri: string) => void;
  /** The folder of the build context of a Dockerfile. */
  readonly contextOf: (uri: string) => string | undefined;
}

/**
 * The ignore file that a build of each open Dockerfile would use: `<name>.dockerignore` beside it, else
 * `.dockerignore` of the build context. Read in the background; `onDidLoad` tells when what is known about a document changed.
 */
export class IgnoreFiles {
  readonly #files = new Map<string, IgnoreFilePlace>();
  readonly #matchers = new Map<string, IgnoreMatcher>();
  readonly #options: IgnoreFilesOptions;

  constructor(options: IgnoreFilesOptions) {
    this.#options = options;
  }

  of(uri: string): IgnoreMatcher | undefined {
    return this.#matchers.get(uri);
  }

  /** Undefined as long as it is looked for. */
  fileOf(uri: string): IgnoreFilePlace | undefined {
    return this.#files.get(uri);
  }

  async load(uri: string): Promise<void> {
    const path = localPath(uri);
    const context = this.#options.contextOf(uri);
    if (path === undefined || context === undefined) return;
    const { path: place, text } = await findIgnoreFile(path, context);
    const known = this.#files.get(uri);
    this.#files.set(uri, { path: place, text });
    if (text === known?.text) return;
    const matcher = text === undefined ? undefined : tryMatcher(text);
    if (matcher === undefined) this.#matchers.delete(uri);
    else this.#matchers.set(uri, matcher);
    this.#options.onDidLoad(uri);
  }

  forget(uri: string): void {
    this.#files.delete(uri);
    this.#matchers.delete(uri);
  }
}

async function findIgnoreFile(dockerfile: string, context: string): Promise<IgnoreFilePlace> {
  const shared = join(context, '.dockerignore');
  for (const path of [`${dockerfile}.dockerignore`, shared]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return { path, text };
  }
  return { path: shared, text: undefined };
}

/** A malformed ignore file is the build's error; nothing can be told about the Dockerfile from it. */
function tryMatcher(text: string): IgnoreMatcher | undefined {
  try {
    return createIgnoreMatcher(text);
  } catch {
    return undefined;
  }
}
