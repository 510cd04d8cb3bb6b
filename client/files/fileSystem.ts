import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { FileInfo, FilePlace, FileType } from '../../server/protocol/types.ts';
import type { Connection } from '../connection.ts';
import { fileError } from './fileErrors.ts';
import { placeOf } from './fileUri.ts';

/** Longest file that an editor opens, bytes; it travels as one message. */
const maxBytes = 50 * 1024 * 1024;

/** The files of containers, images, layers and volumes for all of VS Code: editors, Explorer, comparisons. */
export class ObjectFileSystem implements vscode.FileSystemProvider {
  readonly #connection: Connection;
  readonly #changeEmitter = new vscode.EventEmitter<vscode.FileChangeEvent[]>();

  readonly onDidChangeFile = this.#changeEmitter.event;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const file = await this.#ask(() => this.#connection.request('sampan/file/stat', where(uri)));
    return {
      type: fileType(file),
      ctime: file.mtime,
      mtime: file.mtime,
      size: file.size,
      ...(isWritable(uri) ? {} : { permissions: vscode.FilePermission.Readonly }),
    };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const { files } = await this.#ask(() => this.#connection.request('sampan/file/list', where(uri)));
    return files.map(file => [file.path.slice(file.path.lastIndexOf('/') + 1), fileType(file)]);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { content } = await this.#ask(() =>
      this.#connection.request('sampan/file/read', { ...where(uri), maxBytes }),
    );
    return Buffer.from(content, 'base64');
  }

  async writeFile(
    uri: vscode.Uri,
    content: Uint8Array,
    { create, overwrite }: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
    await this.#ask(() =>
      this.#connection.request('sampan/file/write', {
        ...where(uri),
        content: text,
        existing: overwrite || !create,
        missing: create,
      }),
    );
    this.#tell(vscode.FileChangeType.Changed, uri);
  }

  async createDirectory(uri: vscode.Uri): Promise<void> {
    await this.#ask(() => this.#connection.request('sampan/file/makeDirectory', where(uri)));
    this.#tell(vscode.FileChangeType.Created, uri);
  }

  async delete(uri: vscode.Uri, { recursive }: { readonly recursive: boolean }): Promise<void> {
    await this.#ask(() => this.#connection.request('sampan/file/remove', { ...where(uri), recursive }));
    this.#tell(vscode.FileChangeType.Deleted, uri);
  }

  async rename(
    from: vscode.Uri,
    to: vscode.Uri,
    { overwrite }: { readonly overwrite: boolean },
  ): Promise<void> {
    if (from.authority !== to.authority) return this.#moveElsewhere(from, to, overwrite);
    await this.#ask(() =>
      this.#connection.request('sampan/file/rename', {
        ...where(from),
        target: to.path,
        replace: overwrite,
      }),
    );
    this.#tell(vscode.FileChangeType.Deleted, from);
    this.#tell(vscode.FileChangeType.Created, to);
  }

  async copy(
    from: vscode.Uri,
    to: vscode.Uri,
    { overwrite }: { readonly overwrite: boolean },
  ): Promise<void> {
    if (from.authority !== to.authority) await this.#copyElsewhere(from, to, overwrite);
    else
      await this.#ask(() =>
        this.#connection.request('sampan/file/copy', { ...where(from), target: to.path, replace: overwrite }),
      );
    this.#tell(vscode.FileChangeType.Created, to);
  }

  /** One watch for each file or folder that VS Code asks for; what lies deeper is told when somebody asks for it too. */
  watch(uri: vscode.Uri): vscode.Disposable {
    const source = new vscode.CancellationTokenSource();
    const token = randomUUID();
    const kinds = {
      created: vscode.FileChangeType.Created,
      changed: vscode.FileChangeType.Changed,
      deleted: vscode.FileChangeType.Deleted,
    };
    const subscription = this.#connection.onNotification('sampan/file/didChange', change => {
      if (change.token !== token) return;
      this.#tell(kinds[change.kind], change.name === '' ? uri : vscode.Uri.joinPath(uri, change.name));
    });
    // A file that cannot be watched is one that changes unseen, as on other remote file systems.
    this.#connection
      .request('sampan/file/watch', { ...where(uri), token }, source.token)
      .catch(() => {})
      .finally(() => subscription.dispose());
    return new vscode.Disposable(() => source.cancel());
  }

  /** Between two places there is no rename. */
  async #moveElsewhere(from: vscode.Uri, to: vscode.Uri, overwrite: boolean): Promise<void> {
    await this.#copyElsewhere(from, to, overwrite);
    await this.delete(from, { recursive: true });
    this.#tell(vscode.FileChangeType.Created, to);
  }

  async #copyElsewhere(from: vscode.Uri, to: vscode.Uri, overwrite: boolean): Promise<void> {
    const { type } = await this.stat(from);
    if ((type & vscode.FileType.Directory) === 0)
      return this.writeFile(to, await this.readFile(from), { create: true, overwrite });
    await this.createDirectory(to);
    for (const [name] of await this.readDirectory(from))
      await this.#copyElsewhere(vscode.Uri.joinPath(from, name), vscode.Uri.joinPath(to, name), overwrite);
  }

  async #ask<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw fileError(error);
    }
  }

  #tell(type: vscode.FileChangeType, uri: vscode.Uri): void {
    this.#changeEmitter.fire([{ type, uri }]);
  }
}

function where(uri: vscode.Uri): { readonly place: FilePlace; readonly path: string } {
  const place = placeOf(uri.authority);
  if (place === undefined) throw vscode.FileSystemError.FileNotFound(uri);
  return { place, path: uri.path === '' ? '/' : uri.path };
}

/** Images and their layers never change. */
function isWritable({ authority }: vscode.Uri): boolean {
  return authority.startsWith('container-') || authority.startsWith('volume-');
}

function fileType({ type, targetType }: FileInfo): vscode.FileType {
  if (type !== 'symlink') return plainType(type);
  return vscode.FileType.SymbolicLink | (targetType === undefined ? 0 : plainType(targetType));
}

function plainType(type: FileType): vscode.FileType {
  if (type === 'directory') return vscode.FileType.Directory;
  return type === 'file' ? vscode.FileType.File : vscode.FileType.Unknown;
}
