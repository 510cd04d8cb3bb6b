import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from 'vscode-languageserver';
import type { HadolintConfiguration } from '../../language/index.ts';
import { type HadolintYaml, readHadolintYaml } from './hadolintYaml.ts';
import { localPath } from './localPath.ts';

export interface HadolintFilesOptions {
  /** Another configuration applies to a document. */
  readonly onDidLoad: (uri: string) => void;
  /** Something else is wrong with a configuration file, or nothing any more. */
  readonly report: (uri: string, diagnostics: readonly Diagnostic[]) => void;
  readonly environment: NodeJS.ProcessEnv;
}

interface Loaded extends HadolintYaml {
  readonly path: string;
  readonly text: string;
}

/**
 * The configuration of hadolint that applies to each open Dockerfile: the nearest in its folder or one above, where
 * hadolint would be started, else the user's own (hadolint's README, "Configure"). Read in the background.
 */
export class HadolintFiles {
  readonly #options: HadolintFilesOptions;
  readonly #open = new Set<string>();
  readonly #ofDocuments = new Map<string, Loaded>();
  /** By path, so that documents share what they share. */
  readonly #files = new Map<string, Loaded>();

  constructor(options: HadolintFilesOptions) {
    this.#options = options;
  }

  /** Undefined when there is none, or none that is read yet. */
  of(uri: string): HadolintConfiguration | undefined {
    return this.#ofDocuments.get(uri)?.configuration;
  }

  async load(uri: string): Promise<void> {
    const dockerfile = localPath(uri);
    if (dockerfile === undefined) return;
    this.#open.add(uri);
    const file = await findFile(candidates(dockerfile, this.#options.environment));
    const loaded = file && (await this.#read(file));
    if (loaded === this.#ofDocuments.get(uri) || !this.#open.has(uri)) return;
    if (loaded) this.#ofDocuments.set(uri, loaded);
    else this.#ofDocuments.delete(uri);
    this.#dropUnused();
    this.#options.onDidLoad(uri);
  }

  forget(uri: string): void {
    this.#open.delete(uri);
    this.#ofDocuments.delete(uri);
    this.#dropUnused();
  }

  async #read({ path, text }: { readonly path: string; readonly text: string }): Promise<Loaded> {
    const known = this.#files.get(path);
    if (known?.text === text) return known;
    const read = await readHadolintYaml(text);
    // Another document may have been faster.
    const meanwhile = this.#files.get(path);
    if (meanwhile?.text === text) return meanwhile;
    const loaded = { path, text, ...read };
    this.#files.set(path, loaded);
    this.#report(path, loaded.diagnostics);
    return loaded;
  }

  #dropUnused(): void {
    const used = new Set([...this.#ofDocuments.values()].map(({ path }) => path));
    for (const path of this.#files.keys()) {
      if (used.has(path)) continue;
      this.#files.delete(path);
      this.#report(path, []);
    }
  }

  #report(path: string, diagnostics: readonly Diagnostic[]): void {
    this.#options.report(pathToFileURL(path).href, diagnostics);
  }
}

const names = ['.hadolint.yaml', '.hadolint.yml', 'hadolint.yaml', 'hadolint.yml'];

/** Where a configuration may be, the first that is there counts. */
function* candidates(dockerfile: string, environment: NodeJS.ProcessEnv): Generator<string> {
  for (let folder = dirname(dockerfile); ; folder = dirname(folder)) {
    for (const name of names) yield join(folder, name);
    if (folder === dirname(folder)) break;
  }
  const home = environment.HOME || homedir();
  const settings = environment.XDG_CONFIG_HOME || join(home, '.config');
  for (const extension of ['yaml', 'yml']) yield join(settings, `hadolint.${extension}`);
  for (const name of ['hadolint.yaml', 'hadolint.yml', 'config.yaml', 'config.yml']) {
    yield join(home, '.hadolint', name);
  }
  for (const extension of ['yaml', 'yml']) yield join(home, `.hadolint.${extension}`);
}

async function findFile(
  paths: Iterable<string>,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}
