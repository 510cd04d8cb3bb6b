import { isSampanError } from '../../common/errors.ts';
import { type GraphNode, StageGraph } from '../evaluation/stageGraph.ts';
import type { Evaluation, StageFacts } from '../evaluation/types.ts';

/** The stages that `target` needs, itself first, then the one below it and those it reads from, each once. */
export function reachableStages({ stages }: Evaluation, target: StageFacts): readonly StageFacts[] {
  const graph = new StageGraph();
  const nodes = stages.map(facts => addStage(graph, facts));
  for (const [index, facts] of stages.entries()) addUses(graph, nodes[index] as GraphNode, facts);
  const found = new Set<GraphNode>();
  const open = [nodes[target.stage.index]];
  while (open.length > 0) {
    const node = open.pop();
    if (!node || found.has(node)) continue;
    found.add(node);
    open.push(...[...node.dependencies].reverse(), node.base);
  }
  return [...found].flatMap(({ index }) => (index === undefined ? [] : (stages[index] ?? [])));
}

function addStage(graph: StageGraph, { stage, image }: StageFacts): GraphNode {
  return graph.addStage({
    name: stage.name,
    baseName: image?.text ?? stage.from.image.text,
    where: stage.from.node,
  });
}

function addUses(graph: StageGraph, node: GraphNode, facts: StageFacts): void {
  for (const { instruction } of facts.instructions) {
    try {
      graph.addUses(node, instruction, () => undefined);
    } catch (error) {
      // What cannot be read is a problem of the file, which the evaluation has reported.
      if (!isSampanError(error)) throw error;
    }
  }
}
