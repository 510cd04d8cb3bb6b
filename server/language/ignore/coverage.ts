import { compileGlob } from './glob.ts';
import type { IgnoreRule } from './matcher.ts';

/** Something in a build context; paths are relative to it, with slashes. */
export interface ContextEntry {
  readonly path: string;
  readonly isFolder: boolean;
}

/** What is in a build context: each folder before what is in it, and what is in it right behind. */
export interface ContextListing {
  readonly entries: readonly ContextEntry[];
  /** There is more than was looked at. */
  readonly isCut: boolean;
}

/** What a pattern of an ignore file matches. */
export interface Coverage {
  /** Files that it matches, or that are in a folder that it matches. */
  readonly files: number;
  readonly folders: number;
  /** The first paths that the pattern itself matches. */
  readonly examples: readonly string[];
}

const mostExamples = 5;

/** Looks through a context for what a well-formed pattern matches. An exception matches as its pattern does. */
export function coverage({ pattern }: Pick<IgnoreRule, 'pattern'>, { entries }: ContextListing): Coverage {
  const glob = compileGlob(pattern);
  const examples: string[] = [];
  let files = 0;
  let folders = 0;
  let inside: string | undefined;
  for (const { path, isFolder } of entries) {
    if (inside !== undefined && !path.startsWith(inside)) inside = undefined;
    const isMatch = inside === undefined && glob.matches(path);
    if (isMatch && examples.length < mostExamples) examples.push(isFolder ? `${path}/` : path);
    if (!isMatch && inside === undefined) continue;
    if (isFolder) folders++;
    else files++;
    if (isMatch && isFolder) inside = `${path}/`;
  }
  return { files, folders, examples };
}
