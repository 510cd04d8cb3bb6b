import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { isIgnoreFileName } from './ignoreFileName.ts';

/** Folders that are not gone into: what is in them is not the user's. */
const skipped = new Set(['node_modules', '.git', 'vendor', 'dist', 'target', '.venv', '__pycache__']);
const dockerfileName = /^(?:Dockerfile|Containerfile)(?:\..+)?$|\.(?:dockerfile|containerfile)$/i;
const mostFolders = 5_000;
const mostFiles = 500;

/** Milliseconds for which the list of files is good. */
const lifetime = 10_000;

/** Paths of the files of the workspace that are in one of the languages. */
export interface WorkspaceFileList {
  readonly dockerfiles: readonly string[];
  readonly ignoreFiles: readonly string[];
}

const empty: WorkspaceFileList = { dockerfiles: [], ignoreFiles: [] };

/** Finds the Dockerfiles and ignore files of the workspace, when somebody asks. */
export class WorkspaceFiles {
  readonly #roots: () => readonly string[];
  #list = empty;
  #until = 0;

  constructor(roots: () => readonly string[]) {
    this.#roots = roots;
  }

  /** Nothing when it is cancelled before all folders have been looked at. */
  async list(token: CancellationToken): Promise<WorkspaceFileList> {
    if (performance.now() < this.#until) return this.#list;
    const found = await findFiles(this.#roots(), token);
    if (token.isCancellationRequested) return empty;
    this.#list = found;
    this.#until = performance.now() + lifetime;
    return found;
  }

  /** Files have come or gone. */
  expire(): void {
    this.#until = 0;
  }
}

async function findFiles(roots: readonly string[], token: CancellationToken): Promise<WorkspaceFileList> {
  const dockerfiles: string[] = [];
  const ignoreFiles: string[] = [];
  const folders = [...roots];
  for (let at = 0; at < folders.length && at < mostFolders; at++) {
    if (token.isCancellationRequested || dockerfiles.length + ignoreFiles.length >= mostFiles) break;
    const folder = folders[at] ?? '';
    // A folder that cannot be read has nothing to find.
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) folders.push(path);
      else if (entry.isFile() && isIgnoreFileName(entry.name)) ignoreFiles.push(path);
      else if (entry.isFile() && dockerfileName.test(entry.name)) dockerfiles.push(path);
    }
  }
  return { dockerfiles, ignoreFiles };
}
