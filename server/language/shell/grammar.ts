import { type ParsedScript, parse } from 'unbash';

/** The shell's grammar. Only this file knows which parser reads it. Offsets are into the script's text. */
export {
  type Assignment,
  type Command,
  forEachChild,
  type HereDoc,
  type Pipeline,
  type Redirection,
  type SyntaxNode,
  type Word as ShellWord,
  type WordPart,
} from 'unbash';
export type ShellTree = ParsedScript;

/**
 * Parses a script as bash does, of which all that `sh`, `dash` and `ash` accept is a part. Never fails: what is wrong is
 * in `errors`. The trees of the scripts of an ordinary Dockerfile are kept, by their text, so that everybody who looks
 * at a script sees the same tree; a tree takes some thirty times the memory of its text, so that those of a huge file
 * are not: who goes over a whole file keeps what it found, not the tree.
 */
export function parseShell(text: string): ShellTree {
  const known = recent.get(text) ?? older.get(text);
  const tree = known ?? parse(text);
  if (recent.has(text)) return tree;
  if (recentLength + text.length > mostRecent) {
    older = recent;
    recent = new Map();
    recentLength = 0;
  }
  recent.set(text, tree);
  recentLength += text.length;
  return tree;
}

/** Characters of the texts whose trees are kept, in each of two generations. */
const mostRecent = 50_000;

let recent = new Map<string, ShellTree>();
let older = new Map<string, ShellTree>();
let recentLength = 0;
