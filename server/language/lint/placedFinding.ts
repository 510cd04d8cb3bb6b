import { NodeKey } from '../syntax/nodeMemo.ts';
import { Place, Word } from '../syntax/place.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { EditorFinding } from './editorRule.ts';
import type { Fix } from './rule.ts';

/** A finding at an instruction, and what it wants to change, that move with the file. */
export class PlacedFinding extends Place implements EditorFinding {
  readonly message: string;
  readonly node: InstructionNode;
  readonly key = new NodeKey();
  declare readonly fix?: Fix;
  declare readonly tag?: NonNullable<EditorFinding['tag']>;

  /** `finding` is where it is now; what it changes elsewhere moves with the one of `nodes`, in order, that is before it. */
  constructor(
    finding: EditorFinding & { readonly node: InstructionNode },
    nodes: readonly InstructionNode[] = [finding.node],
  ) {
    const { start, end, message, node, fix, tag } = finding;
    super(node.anchor, { start, end });
    this.message = message;
    this.node = node;
    if (tag) this.tag = tag;
    if (!fix) return;
    const place = (change: Fix['changes'][number]): Word =>
      new Word(ownerOf(change, node, nodes).anchor, change);
    this.fix = { ...fix, changes: fix.changes.map(place) };
  }
}

function ownerOf(
  { start, end }: Span,
  node: InstructionNode,
  nodes: readonly InstructionNode[],
): InstructionNode {
  if (node.start <= start && end <= node.end) return node;
  return nodes.findLast(one => one.start <= start) ?? node;
}
