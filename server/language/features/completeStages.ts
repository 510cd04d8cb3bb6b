import type { CheckResult } from '../lint/check.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { CompletionRequest } from './completion.ts';
import type { Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

/** The stages before the cursor's own, by name; those without one by number where that is possible. */
export function proposeStages(
  { result, cursor }: CompletionRequest,
  span: Span,
  by: 'name' | 'name-or-number',
): Proposal[] {
  const { stages } = result.file;
  const own = stages.findLastIndex(({ from }) => from.node.start <= cursor.offset);
  const proposals = new Map<string, Proposal>();
  for (const stage of stages.slice(0, Math.max(own, 0))) {
    const name = stage.name ?? (by === 'name' ? undefined : String(stage.index));
    if (name === undefined) continue;
    proposals.set(name, {
      label: name,
      kind: completionKind.class,
      detail: `stage ${stage.index} from ${stage.from.image.text}`,
      sortText: `1${String(stages.length - stage.index).padStart(4, '0')}`,
      text: name,
      span,
    });
  }
  return [...proposals.values()];
}

/** Folders that the file names: of WORKDIR and VOLUME, those of the own stage first. */
export function knownFolders({ file }: CheckResult, node: InstructionNode): string[] {
  const own = file.stages.findLast(({ from }) => from.node.start <= node.start);
  const found = new Set<string>();
  for (const stage of own ? [own, ...file.stages] : file.stages) {
    for (const instruction of stage.instructions) {
      if (instruction.node.start === node.start) continue;
      if (instruction.kind === 'WORKDIR') found.add(instruction.path.text);
      else if (instruction.kind === 'VOLUME') for (const { text } of instruction.paths) found.add(text);
    }
  }
  found.delete('');
  return [...found];
}
