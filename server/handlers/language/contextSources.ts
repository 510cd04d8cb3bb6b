import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ContextSource, compileGlob, globProblem, type IgnoreMatcher } from '../../language/index.ts';

/** Milliseconds for which an answer is good; a change that the editor tells of ends it before. */
const lifetime = 5_000;

/** So many names of one folder are compared with a pattern. */
const most = 10_000;

interface Answer {
  readonly source: ContextSource | undefined;
  readonly ignore: IgnoreMatcher | undefined;
  readonly until: number;
}

/**
 * Tells what the sources of COPY are in the folders of Dockerfiles. An answer is there at once or not at all: what is
 * not known is read in the background, and `onDidLoad` tells when the answers for a document have changed.
 */
export class ContextSources {
  readonly #answers = new Map<string, Map<string, Answer>>();
  readonly #reading = new Set<Promise<void>>();
  readonly #onDidLoad: (uri: string) => void;
  readonly #roots: () => readonly string[];
  readonly #contextOf: (uri: string) => string | undefined;

  constructor(options: {
    readonly onDidLoad: (uri: string) => void;
    /** Folders of the workspace. */
    readonly roots: () => readonly string[];
    /** The folder of the build context of a Dockerfile. */
    readonly contextOf: (uri: string) => string | undefined;
  }) {
    this.#onDidLoad = options.onDidLoad;
    this.#roots = options.roots;
    this.#contextOf = options.contextOf;
  }

  /** `path` is clean and relative, and may be a pattern of Go's filepath.Match. */
  find(uri: string, path: string, ignore: IgnoreMatcher | undefined): ContextSource | undefined {
    const known = this.#answers.get(uri)?.get(path);
    if (known && known.ignore === ignore && performance.now() < known.until) return known.source;
    const folder = this.#contextOf(uri);
    if (folder === undefined) return undefined;
    const answers = this.#answers.get(uri) ?? new Map<string, Answer>();
    this.#answers.set(uri, answers);
    // Asked again only when this has been answered.
    answers.set(path, { source: known?.source, ignore, until: Number.POSITIVE_INFINITY });
    const reading = this.#read(folder, path, ignore).then(source => {
      this.#reading.delete(reading);
      answers.set(path, { source, ignore, until: performance.now() + lifetime });
      if (!isSame(source, known?.source)) this.#onDidLoad(uri);
    });
    this.#reading.add(reading);
    return known?.source;
  }

  /** Resolves when all that is being looked up now has been. */
  async settled(): Promise<void> {
    await Promise.all(this.#reading);
  }

  /** Files have changed: all is looked up again when it is asked for. Tells of every document that may be concerned. */
  expire(): void {
    for (const [uri, answers] of this.#answers) {
      for (const [path, answer] of answers) answers.set(path, { ...answer, until: 0 });
      this.#onDidLoad(uri);
    }
  }

  forget(uri: string): void {
    this.#answers.delete(uri);
  }

  async #read(folder: string, path: string, ignore: IgnoreMatcher | undefined): Promise<ContextSource> {
    const found = await matches(folder, path.split('/'));
    if (found.length > 0) {
      const isIgnored = ignore !== undefined && found.every(one => isLeftOut(one, ignore));
      return { exists: true, isInFolder: true, isIgnored };
    }
    for (const other of foldersAbove(folder, this.#roots())) {
      if ((await matches(other, path.split('/'))).length > 0) {
        return { exists: true, isInFolder: false, isIgnored: false };
      }
    }
    return { exists: false, isInFolder: false, isIgnored: false };
  }
}

/** The folders above one, up to that of the workspace: a build may be started in any of them. */
function foldersAbove(folder: string, roots: readonly string[]): string[] {
  const root = roots.find(one => folder.startsWith(`${one}/`));
  const above: string[] = [];
  if (root === undefined) return above;
  for (let at = dirname(folder); at.length >= root.length; at = dirname(at)) above.push(at);
  return above;
}

/** The paths below `folder` that match, each part by itself. */
async function matches(folder: string, parts: readonly string[]): Promise<readonly string[]> {
  let found = [''];
  for (const part of parts) {
    const next: string[] = [];
    for (const parent of found) {
      const names = await readdir(join(folder, parent)).catch((): string[] => []);
      for (const name of matchingNames(names, part)) next.push(parent === '' ? name : `${parent}/${name}`);
    }
    if (next.length === 0) return [];
    found = next.slice(0, most);
  }
  return found;
}

function matchingNames(names: readonly string[], part: string): readonly string[] {
  if (!/[*?[\]\\]/.test(part)) return names.includes(part) ? [part] : [];
  // A pattern that is none is an error of the build; nothing can be said about it here.
  if (globProblem(part) !== undefined) return names.slice(0, 1);
  const glob = compileGlob(part);
  return names.slice(0, most).filter(name => glob.matches(name));
}

/** Below an ignored folder an exception can bring something back. */
function isLeftOut(path: string, ignore: IgnoreMatcher): boolean {
  return ignore.ignores(path) && !ignore.mayKeepBelow(path);
}

function isSame(left: ContextSource, right: ContextSource | undefined): boolean {
  return (
    left.exists === right?.exists &&
    left.isInFolder === right.isInFolder &&
    left.isIgnored === right.isIgnored
  );
}
