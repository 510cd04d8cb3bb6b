import { posix } from 'node:path';
import { chomp, type Heredoc, isLoneHeredoc, type RunInstruction } from '../../language/index.ts';
import type { StageState } from './stageState.ts';

/** Where the scripts of `RUN <<EOF` with a `#!` line are mounted. */
export const scriptDirectory = '/dev/pipes';

export interface RunScript {
  readonly args: readonly string[];
  readonly historyArgs: readonly string[];
  readonly files: readonly { readonly name: string; readonly content: string }[];
  /** ` (first line...)` behind a heredoc's name in the step. */
  readonly summary: string;
}

/**
 * The command of a RUN (BuildKit dispatchRun). A lone heredoc is the script itself, executed as a file when
 * it begins with `#!`; any other use of heredocs goes to the shell as it was written.
 */
export function runScript(instruction: RunInstruction, shell: readonly string[]): RunScript {
  const words = instruction.command.words.map(word => word.text);
  if (instruction.command.form === 'exec') return plain(words);
  const line = words.join(' ');
  const { heredocs } = instruction.node;
  const [first] = heredocs;
  if (!first) return plain([...shell, line]);
  if (isLoneHeredoc(line, heredocs)) return lone(first, shell);
  const bodies = heredocs.map(heredoc => `\n${heredoc.content}${heredoc.name}`).join('');
  return plain([...shell, line + bodies]);
}

function lone(heredoc: Heredoc, shell: readonly string[]): RunScript {
  const content = heredoc.chomp ? chomp(heredoc.content) : heredoc.content;
  const summary = ` (${summarize(content)})`;
  if (!heredoc.content.startsWith('#!')) return { ...plain([...shell, content]), summary };
  const args = [...shell, posix.join(scriptDirectory, heredoc.name)];
  return { args, historyArgs: args, files: [{ name: heredoc.name, content }], summary };
}

function plain(args: readonly string[]): RunScript {
  return { args, historyArgs: args, files: [], summary: '' };
}

function summarize(content: string): string {
  const lines = content.trim().replaceAll('\r\n', '\n').split('\n');
  return lines.length > 1 ? `${lines[0]}...` : `${lines[0]}`;
}

/** `RUN |1 A=1 /bin/sh -c true # buildkit`: the declared arguments with their present values first. */
export function runHistory(args: readonly string[], state: StageState): string {
  const declared = new Map<string, string>();
  for (const { key, value } of state.args) declared.set(key, `${key}=${state.env.get(key) ?? value ?? ''}`);
  const head = declared.size > 0 ? [`|${declared.size}`, ...declared.values()] : [];
  return `RUN ${[...head, ...args].join(' ')} # buildkit`;
}
