import { dirname, resolve } from 'node:path';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Client } from './client.ts';
import { settingIn } from './lintSettingsReader.ts';
import { localPath } from './localPath.ts';

const section = 'sampan.build.contextFolder';

/**
 * The build context of each Dockerfile: the folder that the setting names, seen from the folder of the workspace, else the
 * Dockerfile's own. Resources may have settings of their own, so that the client is asked about each (LSP 3.17
 * `workspace/configuration`); until it has answered, and where it cannot be asked, what it told of the setting counts.
 */
export class BuildContexts {
  readonly #connection: MessageConnection;
  readonly #client: Pick<Client, 'canAskSettings' | 'folders'>;
  readonly #chosen = new Map<string, string>();
  #told = '';

  constructor(connection: MessageConnection, client: Pick<Client, 'canAskSettings' | 'folders'>) {
    this.#connection = connection;
    this.#client = client;
  }

  /** An absolute path; undefined for a document that is no file of this machine. */
  of(uri: string): string | undefined {
    const file = localPath(uri);
    if (file === undefined) return undefined;
    const own = dirname(file);
    const chosen = this.#chosen.get(uri) ?? this.#told;
    if (chosen === '') return own;
    const folder = this.#client.folders.find(one => isWithin(one, own)) ?? own;
    return resolve(folder, chosen);
  }

  /** The context that an ignore file is for: `<name>.dockerignore` belongs to the Dockerfile, others to their folder. */
  ofIgnoreFile(uri: string): string | undefined {
    const dockerfile = dockerfileOf(uri);
    if (dockerfile !== undefined) return this.of(dockerfile);
    const path = localPath(uri);
    return path === undefined ? undefined : dirname(path);
  }

  /** Takes settings as a client tells of them. */
  tell(settings: unknown): void {
    const told = settingIn(settings, section);
    if (typeof told === 'string') this.#told = told;
  }

  /** Asks for the setting of documents; resolves with those that have another context now. */
  async load(uris: readonly string[]): Promise<readonly string[]> {
    if (!this.#client.canAskSettings || uris.length === 0) return [];
    const about = uris.map(uri => dockerfileOf(uri) ?? uri);
    const items = about.map(scopeUri => ({ scopeUri, section }));
    // A client that answers with an error has no settings for us.
    const answers = await this.#connection
      .sendRequest<unknown[] | null>('workspace/configuration', { items })
      .catch(() => null);
    return uris.filter((_, at) => this.#take(about[at] ?? '', answers?.[at]));
  }

  #take(uri: string, answer: unknown): boolean {
    if (typeof answer !== 'string') return false;
    const before = this.of(uri);
    this.#chosen.set(uri, answer);
    return this.of(uri) !== before;
  }
}

/** The Dockerfile for which an ignore file of its own is; undefined for one that is for a folder. */
function dockerfileOf(uri: string): string | undefined {
  return /^(.*[^/])\.(?:docker|container)ignore$/i.exec(uri)?.[1];
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
