import type { Span } from '../syntax/tree.ts';
import type { CompletionRequest, Proposal } from './completion.ts';
import { completionKind } from './types.ts';

/** The stages before the cursor's own, by name. */
export function proposeStages({ result, cursor }: CompletionRequest, span: Span): Proposal[] {
  const { stages } = result.file;
  const own = stages.findLastIndex(({ from }) => from.node.start <= cursor.offset);
  const proposals = new Map<string, Proposal>();
  for (const stage of stages.slice(0, Math.max(own, 0))) {
    if (stage.name === undefined) continue;
    proposals.set(stage.name, {
      label: stage.name,
      kind: completionKind.class,
      detail: `stage ${stage.index} from ${stage.from.image.text}`,
      sortText: `1${String(stages.length - stage.index).padStart(4, '0')}`,
      text: stage.name,
      span,
    });
  }
  return [...proposals.values()];
}

/** Stages and images: what FROM and --from can name. */
export function proposeSources(request: CompletionRequest, span: Span): Proposal[] {
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
  return [...proposeStages(request, span), ...images];
}
