import type { Span } from '../syntax/tree.ts';
import type { CompletionRequest, Proposal } from './completion.ts';
import { completionKind } from './types.ts';

/** The stages before the cursor's own, by name; those without one by number where that is possible. */
function proposeStages(
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

/** Stages and images: what FROM, `--from` and mounts can name. Only COPY takes the number of a stage. */
export function proposeSources(
  request: CompletionRequest,
  span: Span,
  by: 'name' | 'name-or-number' = 'name',
): Proposal[] {
  const images = (request.sources.images ?? []).map(
    (image): Proposal => ({
      label: image,
      kind: completionKind.module,
      detail: 'image',
      sortText: `2${image}`,
      text: image,
      span,
    }),
  );
  return [...proposeStages(request, span, by), ...images];
}
