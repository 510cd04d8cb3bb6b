import { parseShell } from '../shell/grammar.ts';
import { readShebang } from '../shell/interpreter.ts';
import { SourceMap } from '../shell/sourceMap.ts';
import { outerVariables, ownVariables } from '../shell/variables.ts';
import { chomp, isLoneHeredoc } from '../syntax/heredoc.ts';
import type { Heredoc, InstructionNode, Span, Tree, Word } from '../syntax/tree.ts';

/** A name behind `$` or `${`. */
export interface VariableUse {
  readonly name: string;
  /** The name alone. */
  readonly span: Span;
}

/** A place that sets or declares a variable. */
export interface VariableDefinition extends VariableUse {
  readonly node: InstructionNode;
  /** As it is written; undefined when there is none. */
  readonly value: string | undefined;
}

/** A text and what escapes in it. */
export type SourceText = Pick<Tree, 'text' | 'escapeToken'>;

const nameStart = /[A-Za-z_]/;
const namePart = /[A-Za-z0-9_]/;
const restOfLine = /[ \t]*\r?\n/y;

/**
 * The variables that an instruction uses, in its own line and in bodies of heredocs; not those in single quotes, and not
 * those that the script of a RUN has set itself.
 */
export function findVariableUses(tree: SourceText, node: InstructionNode): VariableUse[] {
  const command = commandOf(node);
  const [first] = node.heredocs;
  if (command && first && isLoneHeredoc(command.text, node.heredocs)) {
    return [...findLineUses(tree, node), ...findScriptUses(first)];
  }
  const uses = findLineUses(tree, node);
  for (const { body, expand } of node.heredocs) {
    if (expand) uses.push(...scan(tree, body, { quotes: 'ignore', comments: [] }));
  }
  return command && mayAssign.test(command.text) ? withoutOwn(uses, command) : uses;
}

/** What a shell reads of the line of a RUN, CMD or ENTRYPOINT. */
function commandOf(node: InstructionNode): Word | undefined {
  const { name, json, args } = node.trigger ?? node;
  const isCommand = name === 'RUN' || name === 'CMD' || name === 'ENTRYPOINT';
  return isCommand && !json ? args[0] : undefined;
}

const mayAssign = /\w=|\bfor\s|\bread\s/;

/** A shell replaces variables in a script whether the end of the heredoc is quoted or not. */
function findScriptUses(heredoc: Heredoc): VariableUse[] {
  const text = heredoc.chomp ? chomp(heredoc.content) : heredoc.content;
  const interpreter = readShebang(text);
  if (interpreter && !interpreter.dialect) return [];
  const places = new SourceMap();
  if (heredoc.chomp) places.addChomped(heredoc);
  else places.add(heredoc.body.start, text.length);
  return outerVariables(text).map(({ name, pos, end }) => ({ name, span: places.span(pos, end) }));
}

/** A word with continuations in it is longer in the file; what is set before that many characters is set all the same. */
function withoutOwn(uses: readonly VariableUse[], command: Word): VariableUse[] {
  const own = ownVariables(parseShell(command.text));
  if (own.size === 0) return [...uses];
  const isOuter = ({ name, span }: VariableUse): boolean => {
    const from = own.get(name);
    return from === undefined || span.start < command.start + from;
  };
  return uses.filter(isOuter);
}

function findLineUses(tree: SourceText, node: InstructionNode): VariableUse[] {
  const bodies = node.heredocs;
  const end = bodies[0]?.body.start ?? node.end;
  return scan(tree, { start: node.keyword.end, end }, { quotes: 'apply', comments: node.innerComments });
}

/** The variable use around an offset. */
export function variableAt(tree: Tree, node: InstructionNode, offset: number): VariableUse | undefined {
  return findVariableUses(tree, node).find(({ span }) => {
    const dollar = tree.text[span.start - 1] === '{' ? span.start - 2 : span.start - 1;
    return dollar <= offset && offset <= span.end;
  });
}

/** As {@link variableAt}, for a name in single quotes or behind an escape: text that looks like a variable. */
export function quotedVariableAt(tree: Tree, node: InstructionNode, offset: number): VariableUse | undefined {
  const end = node.heredocs[0]?.body.start ?? node.end;
  const line = { start: node.keyword.end, end };
  const looks = scan(tree, line, { quotes: 'ignore', comments: node.innerComments });
  return looks.find(({ span }) => span.start - 2 <= offset && offset <= span.end);
}

/** The variables that an ENV or ARG sets. */
export function findOwnDefinitions(tree: Tree, node: InstructionNode): VariableDefinition[] {
  if (node.name !== 'ENV' && node.name !== 'ARG') return [];
  const [first, second] = node.args;
  if (node.legacyPair)
    return first ? define(tree, node, { start: first.start, key: first.text, value: second?.text }) : [];
  return node.args.flatMap(word => {
    const equals = word.text.indexOf('=');
    const key = equals < 0 ? word.text : word.text.slice(0, equals);
    return define(tree, node, {
      start: word.start,
      key,
      value: equals < 0 ? undefined : word.text.slice(equals + 1),
    });
  });
}

function define(
  { text }: Tree,
  node: InstructionNode,
  { start, key, value }: { readonly start: number; readonly key: string; readonly value: string | undefined },
): VariableDefinition[] {
  const span = { start, end: start + key.length };
  const isPlain = text.slice(span.start, span.end) === key;
  return isPlain && key !== '' ? [{ name: key, span, node, value }] : [];
}

function scan(
  { text, escapeToken }: SourceText,
  span: Span,
  options: { readonly quotes: 'apply' | 'ignore'; readonly comments: readonly Span[] },
): VariableUse[] {
  const uses: VariableUse[] = [];
  let quote = '';
  let at = span.start;
  let next = 0;
  while (at < span.end) {
    const comment = options.comments[next];
    if (comment && at >= comment.start) {
      at = Math.max(at, comment.end);
      next++;
      continue;
    }
    const character = text[at];
    if (character === escapeToken && quote !== "'") {
      at += 2;
      continue;
    }
    if (character === '$' && quote !== "'") {
      const use = readName({ text, escapeToken }, text[at + 1] === '{' ? at + 2 : at + 1, span.end);
      if (use) {
        uses.push(use);
        at = use.span.end;
        continue;
      }
    }
    if (options.quotes === 'apply' && (character === '"' || character === "'")) {
      if (quote === '') quote = character;
      else if (quote === character) quote = '';
    }
    at++;
  }
  return uses;
}

/** Reads a name, which may go on behind a continuation. */
function readName({ text, escapeToken }: SourceText, start: number, limit: number): VariableUse | undefined {
  let name = '';
  let at = start;
  let end = start;
  while (at < limit) {
    const character = text[at] as string;
    if ((name === '' ? nameStart : namePart).test(character)) {
      name += character;
      at++;
      end = at;
    } else if (character === escapeToken && name !== '') {
      restOfLine.lastIndex = at + 1;
      if (!restOfLine.test(text)) break;
      at = restOfLine.lastIndex;
    } else {
      break;
    }
  }
  return name === '' ? undefined : { name, span: { start, end } };
}
