import * as vscode from 'vscode';
import type { BuildRequest } from './builds.ts';

/** A build of this workspace that has ended. */
export interface PastBuild {
  readonly id: string;
  /** URI of the Dockerfile. */
  readonly document: string;
  readonly params: BuildRequest['params'];
  /** RFC 3339. */
  readonly startedAt: string;
  readonly milliseconds: number;
  readonly outcome:
    | { readonly kind: 'built'; readonly steps: number; readonly cachedSteps: number }
    | { readonly kind: 'cancelled' }
    /** `line` is 0-based; absent when the failure has no place in the file. */
    | { readonly kind: 'failed'; readonly message: string; readonly line?: number };
}

const key = 'builds';
const kept = 20;

/** The last builds of the workspace with their logs, the latest first; they outlive the window. */
export class BuildHistory implements vscode.Disposable {
  readonly #memento: vscode.Memento;
  readonly #folder: vscode.Uri | undefined;
  readonly #changeEmitter = new vscode.EventEmitter<void>();

  readonly onDidChange = this.#changeEmitter.event;

  constructor({ workspaceState, storageUri }: vscode.ExtensionContext) {
    this.#memento = workspaceState;
    this.#folder = storageUri && vscode.Uri.joinPath(storageUri, 'builds');
  }

  get builds(): readonly PastBuild[] {
    return this.#memento.get<readonly PastBuild[]>(key, []);
  }

  /** Keeps a build and its log, and forgets the oldest. */
  async add(build: PastBuild, log: string): Promise<void> {
    if (this.#folder !== undefined) {
      await vscode.workspace.fs.createDirectory(this.#folder);
      await vscode.workspace.fs.writeFile(this.#logOf(this.#folder, build), new TextEncoder().encode(log));
    }
    const all = [build, ...this.builds];
    await this.#set(all.slice(0, kept), all.slice(kept));
  }

  /** Forgets all. */
  clear(): Promise<void> {
    return this.#set([], this.builds);
  }

  /** The log of a build as a file; undefined without a workspace to keep it for. */
  logOf(build: PastBuild): vscode.Uri | undefined {
    return this.#folder && this.#logOf(this.#folder, build);
  }

  dispose(): void {
    this.#changeEmitter.dispose();
  }

  async #set(builds: readonly PastBuild[], gone: readonly PastBuild[]): Promise<void> {
    await this.#memento.update(key, builds);
    this.#changeEmitter.fire();
    for (const build of gone) {
      const log = this.logOf(build);
      // A log that is gone already is gone.
      if (log !== undefined) await vscode.workspace.fs.delete(log).then(undefined, () => {});
    }
  }

  #logOf(folder: vscode.Uri, { id }: PastBuild): vscode.Uri {
    return vscode.Uri.joinPath(folder, `${id}.log`);
  }
}
