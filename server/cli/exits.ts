import type { AttachEnd } from './attach.ts';
import { note } from './output.ts';

/** What a process that could not be started reports: docker's words for the two usual reasons. */
export function exitCodeOf(end: AttachEnd, args: readonly string[]): number {
  if (end.kind === 'detached') {
    note('read escape sequence');
    return 0;
  }
  const { exitCode, error } = end.exit;
  if (error !== undefined) note(`sampan: ${startProblem(error, args[0] ?? '')}`);
  return exitCode;
}

function startProblem(error: { step: string; errno: string; path: string }, program: string): string {
  const name = error.path || program;
  if (error.step !== 'exec') return `cannot start the process: ${error.step} ${error.path}: ${error.errno}`;
  if (error.errno === 'ENOENT') {
    const where = name.includes('/') ? 'no such file or directory' : 'executable file not found in $PATH';
    return `exec: "${name}": ${where}`;
  }
  if (error.errno === 'EACCES') return `exec: "${name}": permission denied`;
  if (error.errno === 'EISDIR') return `exec: "${name}": is a directory`;
  if (error.errno === 'ENOEXEC') return `exec: "${name}": exec format error`;
  return `exec: "${name}": ${error.errno}`;
}
