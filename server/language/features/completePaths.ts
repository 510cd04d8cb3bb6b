import { processWord } from '../shell/word.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { CompletionRequest } from './completion.ts';
import { visibleVariables } from './environment.ts';
import { completeAgain, type Proposal } from './proposal.ts';
import type { FolderEntry } from './sources.ts';
import { completionKind } from './types.ts';

/**
 * Files and folders of the build context that continue the path at the cursor; those that the ignore file leaves out
 * are not offered. Nothing for what comes from elsewhere: `--from`, URLs.
 */
export function completeContextPath(request: CompletionRequest, node: InstructionNode): Proposal[] {
  if (node.flags.some(({ name }) => name.text === 'from')) return [];
  const { cursor } = request;
  const quote = cursor.before.lastIndexOf('"');
  const start = node.rest.text.startsWith('[') ? cursor.word.start + quote + 1 : cursor.word.start;
  const end = trimQuote(request, { start, end: cursor.word.end });
  return completePath(request, node, { start, end });
}

/** The same for a word that begins at `span.start`: the value of a flag or of a mount. */
export function completePath(request: CompletionRequest, node: InstructionNode, span: Span): Proposal[] {
  const { cursor, result, sources } = request;
  const written = result.file.tree.text.slice(span.start, cursor.offset);
  if (/^[a-z]+:|^<<|^-/i.test(written)) return [];
  const slash = written.lastIndexOf('/');
  const folder = folderPath(request, node, written.slice(0, slash + 1));
  if (folder === undefined) return [];
  const entries = sources.folder?.(folder);
  if (entries === 'pending') request.onPending();
  if (typeof entries !== 'object') return [];
  const place = { start: span.start + slash + 1, end: span.end };
  return entries.filter(({ isIgnored }) => !isIgnored).map(entry => toProposal(entry, place));
}

function toProposal({ name, isFolder }: FolderEntry, span: Span): Proposal {
  const label = isFolder ? `${name}/` : name;
  return {
    label,
    kind: isFolder ? completionKind.folder : completionKind.file,
    // Hidden files behind the others, folders among them by name.
    sortText: `${name.startsWith('.') ? 6 : 5}${name}`,
    ...(isFolder && { command: completeAgain }),
    text: label.replace(/ /g, '\\ '),
    span,
  };
}

/** The folder that is written, seen from the context, its variables replaced; undefined for one outside of it. */
function folderPath(request: CompletionRequest, node: InstructionNode, written: string): string | undefined {
  let path = written;
  if (path.includes('$')) {
    const env = new Map<string, string>();
    for (const { name, value } of visibleVariables(request.result, node).values())
      if (value) env.set(name, value);
    path = expand(path, env) ?? path;
  }
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.some(part => /[*?[\]$]/.test(part)) ? undefined : parts.join('/');
}

function expand(word: string, env: ReadonlyMap<string, string>): string | undefined {
  try {
    return processWord(word, { env }).text;
  } catch {
    return undefined;
  }
}

function trimQuote({ result, cursor }: CompletionRequest, { start, end }: Span): number {
  const quote = result.file.tree.text.indexOf('"', cursor.offset);
  return start > cursor.word.start && quote >= 0 && quote < end ? quote : end;
}
