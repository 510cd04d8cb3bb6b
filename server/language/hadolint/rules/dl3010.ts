import type { CopyInstruction } from '../../instructions/types.ts';
import type { Word } from '../../syntax/tree.ts';
import type { Command } from '../command.ts';
import type { Step } from '../outline.ts';
import { baseName, isArchive } from '../paths.ts';
import { runScript } from '../script.ts';
import { stageRule } from '../stageMemo.ts';

interface Archive {
  readonly name: string;
  readonly word: Word;
  readonly step: Step;
}

/** Archives are unpacked by ADD. */
export const dl3010 = stageRule(
  {
    id: 'DL3010',
    severity: 'information',
    summary: 'ADD unpacks an archive',
    documentation:
      'An archive that is copied and then unpacked by a `RUN` stays in the layer of the `COPY`. `ADD` unpacks a local archive by itself and keeps nothing of it.\n\n```dockerfile\nADD app.tar.gz /opt/app/\n```',
  },
  function* ({ steps }, tree) {
    const archives: Archive[] = [];
    const unpacked = new Set<Archive>();
    for (const step of steps) {
      const { instruction, node } = step;
      if (instruction.kind === 'COPY' && !instruction.from) archives.push(...archivesOf(instruction, step));
      if (instruction.kind !== 'RUN' || archives.length === 0) continue;
      const unpacking = runScript({ tree, node }).commands.filter(unpacks);
      const names = new Set(
        unpacking.flatMap(command => command.operands()).map(({ text }) => baseName(text)),
      );
      for (const archive of archives) if (names.has(archive.name)) unpacked.add(archive);
    }
    for (const { name, word, step } of unpacked) {
      const { start, end } = word;
      yield { start, end, node: step.node, message: `${name} is unpacked by a RUN: let ADD unpack it` };
    }
  },
);

function archivesOf({ sources, destination }: CopyInstruction, step: Step): Archive[] {
  if (isArchive(destination.text)) return [{ name: baseName(destination.text), word: destination, step }];
  const words = sources.filter(({ text }) => isArchive(text));
  return words.map(word => ({ name: baseName(word.text), word, step }));
}

const unpackers = new Set([
  'unzip',
  'gunzip',
  'bunzip2',
  'unlzma',
  'unxz',
  'zgz',
  'uncompress',
  'zcat',
  'gzcat',
]);

function unpacks({ name, args }: Command): boolean {
  if (name !== 'tar') return unpackers.has(name);
  return args.some(({ text }) => text === '--extract' || text === '--get' || /^-.*x/s.test(text));
}
