import type { CommandLine } from '../../instructions/types.ts';
import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** Nothing replaces variables in the exec form. */
export const variableInExecForm: InstructionRule = {
  id: 'VariableInExecForm',
  source: 'sampan',
  scope: 'instruction',
  on: ['CMD', 'ENTRYPOINT', 'HEALTHCHECK', 'RUN', 'SHELL'],
  isForTriggers: true,
  severity: 'warning',
  summary: 'Variables are not replaced in a JSON array',
  documentation:
    'A command that is written as a JSON array is started as it stands, without the shell that would replace variables. Name a shell, or use the shell form.\n\n```dockerfile\nCMD ["sh", "-c", "exec my-program --port=$PORT"]\n```',
  *check({ instruction }) {
    const command = commandOf(instruction);
    if (command?.form !== 'exec') return;
    const [program, ...rest] = command.words;
    if (!program) return;
    // A program that gets a script, or is a script of its own, may well replace what it is given.
    const runsScripts = rest.some(({ text }) => /^(?:-\w*[ce]\w*|\/[cC]|--?command|--eval)$/i.test(text));
    for (const [index, word] of command.words.entries()) {
      const variable = /\$(?:\{[A-Za-z_]\w*[^}]*\}|[A-Za-z_]\w*)/.exec(word.text)?.[0];
      if (variable === undefined || (index > 0 && runsScripts)) continue;
      const message = `Nothing replaces ${variable} here: a JSON array is run without a shell`;
      yield { ...spanOf(word), message };
    }
  },
};

function commandOf(
  instruction: Parameters<InstructionRule['check']>[0]['instruction'],
): CommandLine | undefined {
  switch (instruction.kind) {
    case 'CMD':
    case 'ENTRYPOINT':
    case 'RUN':
    case 'HEALTHCHECK':
      return instruction.command;
    case 'SHELL':
      return { form: 'exec', words: instruction.words };
    default:
      return undefined;
  }
}
