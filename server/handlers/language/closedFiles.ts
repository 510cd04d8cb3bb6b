import { readFile, stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { diagnostics } from '../../language/features/diagnostics.ts';
import { CoverageCache, diagnoseIgnoreFile, IgnoreFile } from '../../language/features/ignoreFile.ts';
import type { Diagnostic } from '../../language/features/types.ts';
import { check, editorRules, Inspector, inspect } from '../../language/index.ts';
import type { BuildContexts } from './buildContexts.ts';
import { listContext } from './contextListing.ts';
import { ContextSources } from './contextSources.ts';
import { HadolintFiles } from './hadolintFiles.ts';
import { coverPatterns } from './ignoreCoverage.ts';
import { isIgnoreFileName } from './ignoreFileName.ts';
import { IgnoreFiles } from './ignoreFiles.ts';
import type { LintSettingsStore } from './lintSettingsStore.ts';
import type { ImageLookup } from './localStore.ts';

/** Bytes; nobody writes larger ones, and checking one would hold up the user who types elsewhere. */
const largestFile = 256 << 10;

/** What is wrong with a file. The id is the same for as long as the findings are. */
export interface FileFindings {
  readonly resultId: string;
  readonly items: readonly Diagnostic[];
}

interface Remembered extends FileFindings {
  /** Changes with the text and all that is around the file. */
  readonly stamp: string;
  readonly text: string;
}

export interface ClosedFilesOptions {
  readonly contexts: BuildContexts;
  readonly settings: LintSettingsStore;
  readonly images: () => ImageLookup;
  /** Folders of the workspace. */
  readonly roots: () => readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Findings of files that are on the disk and not open. A file is read again when it has changed, or what is around it
 * may have. ShellCheck is not asked: it is a process a script, for files that nobody looks at.
 */
export class ClosedFiles {
  readonly #options: ClosedFilesOptions;
  readonly #ignoreFiles: IgnoreFiles;
  readonly #hadolintFiles: HadolintFiles;
  readonly #sources: ContextSources;
  readonly #asked = new Set<string>();
  readonly #known = new Map<string, Remembered>();
  #surroundings = 0;
  #results = 0;

  constructor(options: ClosedFilesOptions) {
    this.#options = options;
    const { contexts, roots, environment } = options;
    const contextOf = (uri: string) => contexts.of(uri);
    this.#ignoreFiles = new IgnoreFiles({ onDidLoad: () => {}, contextOf });
    this.#hadolintFiles = new HadolintFiles({ onDidLoad: () => {}, report: () => {}, environment });
    this.#sources = new ContextSources({ onDidLoad: () => {}, roots, contextOf });
  }

  /** Something around the files may have changed: settings, images, other files. */
  expire(): void {
    this.#surroundings++;
    this.#asked.clear();
  }

  /** Asks for the settings of files, of many at once; to be awaited before {@link findings}. */
  async prepare(paths: readonly string[]): Promise<void> {
    const uris = paths.map(path => pathToFileURL(path).href).filter(uri => !this.#asked.has(uri));
    for (const uri of uris) this.#asked.add(uri);
    await this.#options.contexts.load(uris);
  }

  /** Undefined for a file that cannot be read, that is too large, or when it is cancelled. */
  async findings(path: string, token: CancellationToken): Promise<FileFindings | undefined> {
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined || facts.size > largestFile) return this.#forget(path);
    const stamp = [facts.mtimeMs, facts.size, this.#surroundings].join();
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return this.#forget(path);
    const items = await this.#diagnose(path, text, token);
    if (items === undefined || token.isCancellationRequested) return undefined;
    const written = JSON.stringify(items);
    const resultId = known?.text === written ? known.resultId : `closed-${++this.#results}`;
    const found = { stamp, text: written, resultId, items };
    this.#known.set(path, found);
    return found;
  }

  #forget(path: string): undefined {
    this.#known.delete(path);
    return undefined;
  }

  #diagnose(
    path: string,
    text: string,
    token: CancellationToken,
  ): Promise<readonly Diagnostic[] | undefined> {
    const uri = pathToFileURL(path).href;
    return isIgnoreFileName(path)
      ? this.#diagnoseIgnoreFile(uri, text, token)
      : this.#diagnoseDockerfile(uri, text);
  }

  async #diagnoseDockerfile(uri: string, text: string): Promise<readonly Diagnostic[]> {
    const { settings, images } = this.#options;
    await Promise.all([this.#ignoreFiles.load(uri), this.#hadolintFiles.load(uri)]);
    const ignore = this.#ignoreFiles.of(uri);
    const lookup = images();
    const result = check(text, { findImage: name => lookup.find(name), ...(ignore && { ignore }) });
    const inspector = new Inspector({
      rules: editorRules,
      settings: settings.of(this.#hadolintFiles.of(uri)),
    });
    const findSource = (source: string) => this.#sources.find(uri, source, ignore);
    this.#sources.forget(uri);
    // Asked once so that all that the rules want to know is looked up.
    inspect(result, inspector, { ignore, findSource });
    await this.#sources.settled();
    return diagnostics(inspect(result, inspector, { ignore, findSource }));
  }

  async #diagnoseIgnoreFile(
    uri: string,
    text: string,
    token: CancellationToken,
  ): Promise<readonly Diagnostic[] | undefined> {
    const file = new IgnoreFile(text);
    const folder = this.#options.contexts.ofIgnoreFile(uri);
    if (folder === undefined) return diagnoseIgnoreFile(file, undefined);
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    const coverage = new CoverageCache(await listContext(folder, abort.signal));
    listener.dispose();
    const isObsolete = () => token.isCancellationRequested;
    return (await coverPatterns(file, { coverage, isObsolete }))
      ? diagnoseIgnoreFile(file, coverage)
      : undefined;
  }
}
