import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createIgnoreMatcher, type IgnoreMatcher } from '../../language/index.ts';
import { localPath } from './localPath.ts';

/**
 * The ignore file that a build of each open Dockerfile would use: `<name>.dockerignore` beside it, else
 * `.dockerignore`. Read in the background; `onDidLoad` tells when what is known about a document changed.
 */
export class IgnoreFiles {
  readonly #texts = new Map<string, string>();
  readonly #matchers = new Map<string, IgnoreMatcher>();
  readonly #onDidLoad: (uri: string) => void;

  constructor(onDidLoad: (uri: string) => void) {
    this.#onDidLoad = onDidLoad;
  }

  of(uri: string): IgnoreMatcher | undefined {
    return this.#matchers.get(uri);
  }

  async load(uri: string): Promise<void> {
    const path = localPath(uri);
    if (path === undefined) return;
    const text = await ignoreText(path);
    if (text === this.#texts.get(uri)) return;
    const matcher = text === undefined ? undefined : tryMatcher(text);
    if (text === undefined) this.#texts.delete(uri);
    else this.#texts.set(uri, text);
    if (matcher === undefined) this.#matchers.delete(uri);
    else this.#matchers.set(uri, matcher);
    this.#onDidLoad(uri);
  }

  forget(uri: string): void {
    this.#texts.delete(uri);
    this.#matchers.delete(uri);
  }
}

async function ignoreText(dockerfile: string): Promise<string | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, join(dirname(dockerfile), '.dockerignore')]) {
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
