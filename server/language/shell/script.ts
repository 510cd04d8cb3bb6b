import { chomp, isLoneHeredoc } from '../syntax/heredoc.ts';
import type { InstructionNode, Span, Tree, Word } from '../syntax/tree.ts';
import { parseShell, type ShellTree } from './grammar.ts';
import { type Interpreter, readShebang } from './interpreter.ts';
import { SourceMap } from './sourceMap.ts';

/** A part of a script, by offsets into its text. */
export interface ScriptSpan {
  readonly pos: number;
  readonly end: number;
}

/** A script that an instruction has in it, as the shell gets it, and where each part of it is in the file. */
export class ShellScript {
  /** RUN, CMD, ENTRYPOINT or HEALTHCHECK; the one behind ONBUILD. */
  readonly node: InstructionNode;
  /** Continuations, and the comments between them, are gone; the bodies of heredocs are in it. */
  readonly text: string;
  /** What runs it. Read the tree only when it has a dialect. */
  readonly interpreter: Interpreter;
  /** The whole body of a heredoc (`RUN <<EOF`), or what is written on the instruction's lines. */
  readonly isHeredoc: boolean;
  readonly #makeMap: () => SourceMap;
  #map: SourceMap | undefined;

  constructor(
    part: Pick<ShellScript, 'node' | 'text' | 'interpreter' | 'isHeredoc'>,
    makeMap: () => SourceMap,
  ) {
    this.node = part.node;
    this.text = part.text;
    this.interpreter = part.interpreter;
    this.isHeredoc = part.isHeredoc;
    this.#makeMap = makeMap;
  }

  /** Scripts of one text have one tree, also after a change of the file around them. */
  get tree(): ShellTree {
    return parseShell(this.text);
  }

  /** Where a part of the script is in the file, with the continuations inside of it. */
  span({ pos, end }: ScriptSpan): Span {
    return this.#places.span(pos, end);
  }

  /** As {@link span}, in pieces without continuations. */
  pieces({ pos, end }: ScriptSpan): Span[] {
    return this.#places.pieces(pos, end);
  }

  /** Offset in the file of a character of the script. */
  offset(at: number): number {
    return this.#places.offset(at);
  }

  /** The place in the script of an offset of the file; undefined outside of it, in a continuation and in a comment there. */
  locate(offset: number): number | undefined {
    return this.#places.locate(offset);
  }

  get #places(): SourceMap {
    this.#map ??= this.#makeMap();
    return this.#map;
  }
}

/**
 * The script of a RUN, CMD, ENTRYPOINT or HEALTHCHECK in shell form (BuildKit dispatchRun): a lone heredoc is the
 * script itself, run by what its `#!` line says; other heredocs are given to the shell with the line. Undefined for other instructions,
 * for the exec form and where nothing is written.
 */
export function readShellScript(
  tree: Tree,
  node: InstructionNode,
  options: { readonly interpreter: Interpreter; readonly heredocs: InstructionNode['heredocs'] },
): ShellScript | undefined {
  const word = shellWord(node);
  if (!word) return undefined;
  const { interpreter, heredocs } = options;
  const [first] = heredocs;
  if (first && isLoneHeredoc(word.text, heredocs)) {
    const text = first.chomp ? chomp(first.content) : first.content;
    const part = { node, text, interpreter: readShebang(text) ?? interpreter, isHeredoc: true };
    return new ShellScript(part, () => {
      const map = new SourceMap();
      if (first.chomp) map.addChomped(first);
      else map.add(first.body.start, text.length);
      return map;
    });
  }
  const text = word.text + heredocs.map(({ content, name }) => `\n${content}${name}`).join('');
  return new ShellScript({ node, text, interpreter, isHeredoc: false }, () => {
    const map = new SourceMap();
    map.addJoined(tree, word);
    for (const { body, name, terminator } of heredocs) {
      map.addForeign(1);
      map.add(body.start, body.end - body.start);
      if (terminator) map.add(terminator.end - name.length, name.length);
      else map.addForeign(name.length);
    }
    return map;
  });
}

/** The words of an exec form with blanks between them, for those who look for commands in them. No shell ever sees it. */
export function readExecWords(node: InstructionNode): ShellScript | undefined {
  const words = node.name === 'HEALTHCHECK' ? node.args.slice(1) : node.args;
  if (!node.json || words.length === 0) return undefined;
  const text = words.map(word => word.text).join(' ');
  const interpreter = { name: '', dialect: undefined, words: [] };
  return new ShellScript({ node, text, interpreter, isHeredoc: false }, () => {
    const map = new SourceMap();
    for (const { start, end, text: own } of words) {
      // Behind the quote; a word with escapes is as good as as long as its quotes hold.
      map.add(start + 1, Math.min(own.length, Math.max(end - start - 2, 0)));
      map.addForeign(Math.max(own.length - Math.max(end - start - 2, 0), 0) + 1);
    }
    return map;
  });
}

/** What is written for the shell on the lines of an instruction. */
function shellWord(node: InstructionNode): Word | undefined {
  if (node.json) return undefined;
  switch (node.name) {
    case 'RUN':
    case 'CMD':
    case 'ENTRYPOINT':
      return node.args[0];
    case 'HEALTHCHECK':
      return node.args[0]?.text.toUpperCase() === 'CMD' ? node.args[1] : undefined;
    default:
      return undefined;
  }
}
