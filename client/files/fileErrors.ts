import * as vscode from 'vscode';
import { failureText, toFailure } from '../failure.ts';

const makers: { readonly [errno: string]: ((message: string) => vscode.FileSystemError) | undefined } = {
  ENOENT: vscode.FileSystemError.FileNotFound,
  EEXIST: vscode.FileSystemError.FileExists,
  ENOTDIR: vscode.FileSystemError.FileNotADirectory,
  EISDIR: vscode.FileSystemError.FileIsADirectory,
  EROFS: vscode.FileSystemError.NoPermissions,
  EACCES: vscode.FileSystemError.NoPermissions,
  EPERM: vscode.FileSystemError.NoPermissions,
};

/** What VS Code understands of a failed file request: it asks or creates where it is told that something is missing. */
export function fileError(error: unknown): Error {
  const failure = toFailure(error);
  const text = failureText(failure);
  const maker = makers[String(failure.detail.errno)];
  if (maker !== undefined) return maker(text);
  return failure.code === 'not-found'
    ? vscode.FileSystemError.FileNotFound(text)
    : vscode.FileSystemError.Unavailable(text);
}
