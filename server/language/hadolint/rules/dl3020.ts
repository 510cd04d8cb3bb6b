import { sourceKind } from '../../instructions/sources.ts';
import type { AddInstruction } from '../../instructions/types.ts';
import type { InstructionRule } from '../../lint/editorRule.ts';
import type { Fix } from '../../lint/rule.ts';
import { isArchive } from '../paths.ts';
import { unquote } from '../quotes.ts';

/** Files and folders are copied by COPY. */
export const dl3020: InstructionRule = {
  id: 'DL3020',
  source: 'hadolint',
  scope: 'instruction',
  on: ['ADD'],
  severity: 'warning',
  summary: 'COPY rather than ADD takes files and folders over',
  documentation:
    '`ADD` downloads, clones and unpacks, depending on what it is given. Where nothing of this is wanted, `COPY` says so.\n\n```dockerfile\nCOPY package.json ./\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'ADD') return;
    const { sources, node } = instruction;
    const isCopied = sources.some(({ text }) => !isArchive(text) && !/^https?:\/\//.test(unquote(text)));
    if (!isCopied) return;
    const { start, end } = node.keyword;
    const fix = toCopy(instruction);
    yield { start, end, message: 'Use COPY for files and folders', ...(fix && { fix }) };
  },
};

/** Only where COPY does the same. */
function toCopy({
  sources,
  inlineFiles,
  checksum,
  keepGitDir,
  unpack,
  node,
}: AddInstruction): Fix | undefined {
  const isLocal = sources.every(({ text }) => sourceKind(unquote(text)) === 'path' && !/[$*?[\]]/.test(text));
  const isPlain = checksum === undefined && keepGitDir === undefined && unpack === undefined;
  if (!isLocal || !isPlain || inlineFiles.length > 0 || sources.some(({ text }) => isArchive(text))) {
    return undefined;
  }
  const { start, end, text } = node.keyword;
  const keyword = text === text.toLowerCase() ? 'copy' : 'COPY';
  return { title: 'Use COPY', changes: [{ start, end, text: keyword }] };
}
