import type { CopyInstruction, RunInstruction } from '../../instructions/types.ts';
import type { Tree, Word } from '../../syntax/tree.ts';
import type { Command } from '../command.ts';
import { type Step, StepFilter } from '../outline.ts';
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
    on: new StepFilter(({ instruction }, tree) => {
      if (instruction.kind === 'COPY') return copiedArchives(instruction).length > 0;
      return instruction.kind === 'RUN' && unpackingCommands(instruction, tree).length > 0;
    }),
    severity: 'information',
    summary: 'ADD unpacks an archive',
    documentation:
      'An archive that is copied and then unpacked by a `RUN` stays in the layer of the `COPY`. `ADD` unpacks a local archive by itself and keeps nothing of it.\n\n```dockerfile\nADD app.tar.gz /opt/app/\n```',
  },
  function* ({ steps }, tree) {
    const archives: Archive[] = [];
    const unpacked = new Set<Archive>();
    for (const step of steps) {
      const { instruction } = step;
      if (instruction.kind === 'COPY') {
        for (const word of copiedArchives(instruction))
          archives.push({ name: baseName(word.text), word, step });
      }
      if (instruction.kind !== 'RUN' || archives.length === 0) continue;
      const operands = unpackingCommands(instruction, tree).flatMap(command => command.operands());
      const names = new Set(operands.map(({ text }) => baseName(text)));
      for (const archive of archives) if (names.has(archive.name)) unpacked.add(archive);
    }
    for (const { name, word, step } of unpacked) {
      const { start, end } = word;
      yield { start, end, node: step.node, message: `${name} is unpacked by a RUN: let ADD unpack it` };
    }
  },
);

function copiedArchives({ from, sources, destination }: CopyInstruction): readonly Word[] {
  if (from) return [];
  return isArchive(destination.text) ? [destination] : sources.filter(({ text }) => isArchive(text));
}

function unpackingCommands({ node }: RunInstruction, tree: Tree): readonly Command[] {
  return runScript({ tree, node }).commands.filter(unpacks);
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
