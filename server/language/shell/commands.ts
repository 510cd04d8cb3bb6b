import {
  type Assignment,
  type Command,
  forEachChild,
  type Pipeline,
  type Redirection,
  type ShellTree,
  type ShellWord,
  type SyntaxNode,
} from './grammar.ts';
import { staticValue } from './literal.ts';
import type { ScriptSpan } from './script.ts';

/** A simple command anywhere in a script: in lists, control structures, functions and substitutions. */
export interface ShellCommand extends ScriptSpan {
  readonly command: Command;
  /** The value of the first word; undefined when there is none (only assignments) or it is known at run time only. */
  readonly name: string | undefined;
  /** The words behind the name; `A=1` behind `export` and its like is in `command.args`. */
  readonly args: readonly ShellWord[];
  /** `A=1 command`. */
  readonly assignments: readonly Assignment[];
  readonly redirects: readonly Redirection[];
  /** The pipeline that it is a member of, also within a group. */
  readonly pipeline: Pipeline | undefined;
}

/** All simple commands of a script in the order in which they are written. */
export function shellCommands(tree: ShellTree): readonly ShellCommand[] {
  const known = commandsOf.get(tree);
  if (known) return known;
  const commands: ShellCommand[] = [];
  collect(tree, { pipeline: undefined, outer: undefined, commands });
  commandsOf.set(tree, commands);
  return commands;
}

const commandsOf = new WeakMap<ShellTree, readonly ShellCommand[]>();

interface Context {
  readonly pipeline: Pipeline | undefined;
  /** Stands for all that is in a script within escaped backquotes, whose own offsets are those of another text. */
  readonly outer: ScriptSpan | undefined;
  readonly commands: ShellCommand[];
}

function collect(node: SyntaxNode, context: Context): void {
  const { commands, outer } = context;
  let inner = context;
  if (node.type === 'Command') {
    const { pos, end } = outer ?? node;
    const assignments = node.prefix.filter(part => part.type === 'Assignment');
    const args = node.args.filter(part => part.type === 'Word');
    const name = node.name && staticValue(node.name);
    const { redirects } = node;
    commands.push({
      command: node,
      name,
      args,
      assignments,
      redirects,
      pipeline: context.pipeline,
      pos,
      end,
    });
  } else if (node.type === 'Pipeline' && node.commands.length > 1) {
    inner = { ...context, pipeline: node };
  } else if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') {
    const isForeign = node.script?.source !== undefined;
    inner = { ...context, pipeline: undefined, outer: outer ?? (isForeign ? node : undefined) };
  }
  forEachChild(node, child => collect(child, inner));
}
