import type { InitializeParams, WorkspaceFoldersChangeEvent } from 'vscode-languageserver';
import { localPath } from './localPath.ts';

/** What the client has said that it is able to do. */
export class Client {
  #params: Pick<InitializeParams, 'capabilities' | 'initializationOptions'> = { capabilities: {} };

  #folders: readonly string[] = [];

  initialize(params: InitializeParams): void {
    this.#params = params;
    const { workspaceFolders, rootUri } = params;
    const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
    this.#folders = uris.flatMap(uri => localPath(uri) ?? []);
  }

  /** Folders have been added to the workspace or taken out of it. */
  changeFolders({ added, removed }: WorkspaceFoldersChangeEvent): void {
    const gone = new Set(removed.map(({ uri }) => localPath(uri)));
    const left = this.#folders.filter(folder => !gone.has(folder));
    this.#folders = [...new Set([...left, ...added.flatMap(({ uri }) => localPath(uri) ?? [])])];
  }

  /** It asks for diagnostics, so that they are not sent unasked; unless it says that it prefers that. */
  get canPull(): boolean {
    const { capabilities, initializationOptions } = this.#params;
    const prefersPush = initializationOptions?.diagnostics === 'push';
    return capabilities.textDocument?.diagnostic !== undefined && !prefersPush;
  }

  get canRefresh(): boolean {
    return this.#params.capabilities.workspace?.diagnostics?.refreshSupport === true;
  }

  /** It answers what its settings are (LSP 3.17 `workspace/configuration`). */
  get canAskSettings(): boolean {
    return this.#params.capabilities.workspace?.configuration === true;
  }

  get canWatchFiles(): boolean {
    return this.#params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
  }

  get canWatchSettings(): boolean {
    return this.#params.capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true;
  }

  /** It makes files as a part of an edit (LSP 3.17 ResourceOperationKind). */
  get canCreateFiles(): boolean {
    const { documentChanges, resourceOperations } = this.#params.capabilities.workspace?.workspaceEdit ?? {};
    return documentChanges === true && resourceOperations?.includes('create') === true;
  }

  /** Paths of the folders of the workspace. */
  get folders(): readonly string[] {
    return this.#folders;
  }
}
