import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type { WorkspaceSymbolParams } from 'vscode-languageserver';
import { matchesQuery, type NamedSymbol, namedSymbols } from '../../language/features/workspaceSymbols.ts';
import { parse } from '../../language/index.ts';
import type { Analysis } from './analyses.ts';
import type { WorkspaceFiles } from './workspaceFiles.ts';

const largestFile = 1 << 20;

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
  readonly #files: WorkspaceFiles;

  constructor(
    connection: MessageConnection,
    options: {
      readonly analysisOf: (uri: string) => Analysis | undefined;
      readonly files: WorkspaceFiles;
    },
  ) {
    this.#analysisOf = options.analysisOf;
    this.#files = options.files;
    connection.onRequest('workspace/symbol', (params: WorkspaceSymbolParams, token) =>
      this.find(params.query, token),
    );
  }

  async find(query: string, token: CancellationToken): Promise<FoundSymbol[]> {
    const found: FoundSymbol[] = [];
    for (const path of (await this.#files.list(token)).dockerfiles) {
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
