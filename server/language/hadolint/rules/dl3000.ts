import type { Instruction } from '../../instructions/types.ts';
import type { Fix } from '../../lint/rule.ts';
import type { Word } from '../../syntax/tree.ts';
import { ofKind } from '../outline.ts';
import { isAbsolute } from '../paths.ts';
import { stageRule } from '../stageMemo.ts';

/** The working directory does not depend on what stands elsewhere. */
export const dl3000 = stageRule(
  {
    id: 'DL3000',
    on: ofKind('WORKDIR'),
    severity: 'warning',
    sameAs: ['WorkdirRelativePath'],
    summary: 'The path of WORKDIR is absolute',
    documentation:
      'A relative path continues the one of the `WORKDIR` before it, or that of the base image, which may change with it. Write the whole path.\n\n```dockerfile\nWORKDIR /usr/src/app\n```',
  },
  function* ({ steps }) {
    let current: string | undefined;
    for (const { instruction, node } of steps) {
      if (instruction.kind !== 'WORKDIR') continue;
      const { start, end, text } = instruction.path;
      const fix = toAbsolute(instruction.path, current);
      current = directoryOf(instruction, current);
      if (isAbsolute(text)) continue;
      const message = 'The path depends on the directory before it: write it from / on';
      yield { start, end, node, message, ...(fix && { fix }) };
    }
  },
);

/** The directory that holds after an instruction; undefined where only a build knows. */
function directoryOf(instruction: Instruction, before: string | undefined): string | undefined {
  if (instruction.kind !== 'WORKDIR' || !isPlain(instruction.path.text)) return undefined;
  const { text } = instruction.path;
  return text.startsWith('/') ? text : before && join(before, text);
}

function toAbsolute({ start, end, text }: Word, before: string | undefined): Fix | undefined {
  if (before === undefined || !isPlain(text) || text.startsWith('/')) return undefined;
  const path = join(before, text);
  return { title: `Change to ${path}`, changes: [{ start, end, text: path }] };
}

function isPlain(path: string): boolean {
  return /^[\w./@+-]+$/.test(path) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path);
}

function join(before: string, path: string): string {
  return `${before.replace(/\/+$/, '')}/${path}`;
}
