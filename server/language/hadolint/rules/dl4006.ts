import type { InstructionRule } from '../../lint/editorRule.ts';
import { runScript, scriptPlaces } from '../script.ts';

/** A pipe fails when any of its commands does. */
export const dl4006: InstructionRule = {
  id: 'DL4006',
  source: 'hadolint',
  scope: 'instruction',
  on: ['RUN'],
  severity: 'warning',
  summary: 'SHELL has pipefail where RUN has a pipe',
  documentation:
    'A pipe succeeds when its last command does: a download that failed goes unnoticed. `pipefail` of bash, zsh and ash makes it fail; dash, the `sh` of Debian, has it in its newest versions only.\n\n```dockerfile\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN curl --fail https://example.com/key | apt-key add -\n```',
  *check({ instruction, node, tree, shell = [] }) {
    if (instruction.kind !== 'RUN' || isSafe(shell)) return;
    const { pipe } = runScript({ tree, node });
    if (!pipe) return;
    const span = scriptPlaces({ tree, node })(pipe);
    yield {
      ...span,
      message: 'When a command before the pipe fails nobody notices: set pipefail with SHELL',
    };
  },
};

/** Has the option, or other rules than those of a POSIX shell. */
function isSafe(shell: readonly string[]): boolean {
  const [program = '', ...options] = shell;
  if (/(?:^|[\\/])(?:pwsh|powershell|cmd)(?:\.exe)?$/i.test(program)) return true;
  const isAble = /(?:^|\/)(?:bash|zsh|ash)$/.test(program);
  return isAble && options.includes('pipefail') && options.some(option => /^-[^-]*o/.test(option));
}
