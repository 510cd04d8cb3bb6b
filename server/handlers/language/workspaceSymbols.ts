import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type { InitializeParams, WorkspaceSymbolParams } from 'vscode-languageserver';
import { matchesQuery, type NamedSymbol, namedSymbols } from '../../language/features/workspaceSymbols.ts';
import { parse } from '../../language/index.ts';
import type { Analysis } from './analyses.ts';
import { localPath } from './localPath.ts';

/** Folders that are not gone into: what is in them is not the user's. */
const skipped = new Set(['node_modules', '.git', 'vendor', 'dist', 'target', '.venv', '__pycache__']);
const dockerfileName = /^(?:Dockerfile|Containerfile)(?:\..+)?$|\.(?:dockerfile|containerfile)$/i;
const mostFolders = 5_000;
const mostFiles = 500;
const largestFile = 1 << 20;

/** Milliseconds for which the list of files is good. */
const lifetime = 10_000;

interface FileSymbols {
  readonly modified: number;
  readonly symbols: readonly NamedSymbol[];
}

/** Where a client finds a symbol (LSP 3.17 WorkspaceSymbol). */
interface FoundSymbol {
  readonly name: string;
  readonly kind: number;
  readonly location: { readonly uri: string; readonly range: NamedSymbol['range'] };
  readonly containerName: string;
}

/**
 * Names in all Dockerfiles of the workspace: of open documents as they are, of others as the disk has them. Files are
 * looked for when somebody asks, and read again when they have changed.
 */
export class WorkspaceSymbols {
  readonly #known = new Map<string, FileSymbols>();
  readonly #analysisOf: (uri: string) => Analysis | undefined;
  #folders: readonly string[] = [];
  #files: readonly string[] = [];
  #until = 0;

  constructor(connection: MessageConnection, analysisOf: (uri: string) => Analysis | undefined) {
    this.#analysisOf = analysisOf;
    connection.onRequest('workspace/symbol', (params: WorkspaceSymbolParams, token) =>
      this.find(params.query, token),
    );
  }

  /** Takes the folders of the workspace. */
  initialize({ workspaceFolders, rootUri }: Pick<InitializeParams, 'workspaceFolders' | 'rootUri'>): void {
    const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
    this.#folders = uris.flatMap(uri => localPath(uri) ?? []);
  }

  async find(query: string, token: CancellationToken): Promise<FoundSymbol[]> {
    if (performance.now() > this.#until) {
      this.#files = await this.#list(token);
      this.#until = performance.now() + lifetime;
    }
    const found: FoundSymbol[] = [];
    for (const path of this.#files) {
      if (token.isCancellationRequested) return [];
      const uri = pathToFileURL(path).href;
      const open = this.#analysisOf(uri);
      const symbols = open ? namedSymbols(open.result) : await this.#read(path);
      for (const { name, kind, range } of symbols) {
        if (matchesQuery(name, query)) {
          found.push({ name, kind, location: { uri, range }, containerName: basename(path) });
        }
      }
    }
    return found;
  }

  async #list(token: CancellationToken): Promise<string[]> {
    const files: string[] = [];
    const folders = [...this.#folders];
    for (let at = 0; at < folders.length && at < mostFolders && files.length < mostFiles; at++) {
      if (token.isCancellationRequested) break;
      const folder = folders[at] ?? '';
      // A folder that cannot be read has nothing to find.
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && !skipped.has(entry.name)) folders.push(path);
        else if (entry.isFile() && dockerfileName.test(entry.name)) files.push(path);
      }
    }
    return files;
  }

  async #read(path: string): Promise<readonly NamedSymbol[]> {
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined || facts.size > largestFile) return [];
    const known = this.#known.get(path);
    if (known?.modified === facts.mtimeMs) return known.symbols;
    const text = await readFile(path, 'utf8').catch(() => '');
    const symbols = namedSymbols({ file: parse(text) });
    this.#known.set(path, { modified: facts.mtimeMs, symbols });
    return symbols;
  }
}
