import type { Dockerfile } from '../instructions/types.ts';
import type { InstructionNode, Span, Tree } from '../syntax/tree.ts';

/** A name behind `$` or `${`. */
export interface VariableUse {
  readonly name: string;
  /** The name alone. */
  readonly span: Span;
}

/** A place that sets or declares a variable. */
export interface VariableDefinition extends VariableUse {
  readonly node: InstructionNode;
}

const name = /[A-Za-z_][A-Za-z0-9_]*/y;

/** The variables that an instruction uses, in its own line and in bodies of heredocs; not those in single quotes. */
export function findVariableUses(tree: Tree, node: InstructionNode): VariableUse[] {
  const bodies = node.heredocs;
  const end = bodies[0]?.body.start ?? node.end;
  const uses = scan(
    tree,
    { start: node.keyword.end, end },
    { quotes: 'apply', comments: node.innerComments },
  );
  for (const { body, expand } of bodies) {
    if (expand) uses.push(...scan(tree, body, { quotes: 'ignore', comments: [] }));
  }
  return uses;
}

/** The variable use around an offset. */
export function variableAt(tree: Tree, node: InstructionNode, offset: number): VariableUse | undefined {
  return findVariableUses(tree, node).find(({ span }) => {
    const dollar = tree.text[span.start - 1] === '{' ? span.start - 2 : span.start - 1;
    return dollar <= offset && offset <= span.end;
  });
}

/** Where ENV and ARG set variables, in order. */
export function findVariableDefinitions(file: Dockerfile): VariableDefinition[] {
  const instructions = [...file.globalArgs, ...file.stages.flatMap(stage => stage.instructions)];
  return instructions.flatMap(instruction => {
    const { node } = instruction;
    if (instruction.kind !== 'ENV' && instruction.kind !== 'ARG') return [];
    const parts = instruction.kind === 'ENV' ? instruction.pairs : instruction.declarations;
    return parts.flatMap(({ key }) => {
      const span = { start: key.start, end: key.start + key.text.length };
      const isPlain = file.tree.text.slice(span.start, span.end) === key.text;
      return isPlain && key.text !== '' ? [{ name: key.text, span, node }] : [];
    });
  });
}

function scan(
  { text, escapeToken }: Tree,
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
      name.lastIndex = text[at + 1] === '{' ? at + 2 : at + 1;
      const start = name.lastIndex;
      const match = name.exec(text);
      if (match && start + match[0].length <= span.end) {
        uses.push({ name: match[0], span: { start, end: start + match[0].length } });
        at = start + match[0].length;
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
