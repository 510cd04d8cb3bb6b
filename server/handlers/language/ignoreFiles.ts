import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createIgnoreMatcher, type IgnoreMatcher } from '../../language/index.ts';
import { localPath } from './localPath.ts';

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
  readonly #texts = new Map<string, string>();
  readonly #matchers = new Map<string, IgnoreMatcher>();
  readonly #options: IgnoreFilesOptions;

  constructor(options: IgnoreFilesOptions) {
    this.#options = options;
  }

  of(uri: string): IgnoreMatcher | undefined {
    return this.#matchers.get(uri);
  }

  async load(uri: string): Promise<void> {
    const path = localPath(uri);
    const context = this.#options.contextOf(uri);
    if (path === undefined || context === undefined) return;
    const text = await ignoreText(path, context);
    if (text === this.#texts.get(uri)) return;
    const matcher = text === undefined ? undefined : tryMatcher(text);
    if (text === undefined) this.#texts.delete(uri);
    else this.#texts.set(uri, text);
    if (matcher === undefined) this.#matchers.delete(uri);
    else this.#matchers.set(uri, matcher);
    this.#options.onDidLoad(uri);
  }

  forget(uri: string): void {
    this.#texts.delete(uri);
    this.#matchers.delete(uri);
  }
}

async function ignoreText(dockerfile: string, context: string): Promise<string | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, join(context, '.dockerignore')]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A malformed ignore file is the build's error; nothing can be told about the Dockerfile from it. */
function tryMatcher(text: string): IgnoreMatcher | undefined {
  try {
    return createIgnoreMatcher(text);
  } catch {
    return undefined;
  }
}
