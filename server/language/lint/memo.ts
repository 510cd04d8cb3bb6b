import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { Fix } from './rule.ts';

interface Placed extends Span {
  readonly node?: InstructionNode;
  readonly fix?: Fix;
}

/** What was found in a piece of the file that may have moved since. */
export class PlacedFindings<T extends Placed> {
  /** What it depends on besides the piece. */
  readonly variant: string | undefined;
  readonly #start: number;
  readonly #findings: readonly T[];
  /** Index of each finding's node in the piece. */
  readonly #indices: readonly number[];

  constructor(
    findings: readonly T[],
    piece: { readonly nodes: readonly InstructionNode[]; readonly variant: string | undefined },
  ) {
    this.variant = piece.variant;
    this.#start = piece.nodes[0]?.start ?? 0;
    this.#findings = findings;
    this.#indices = findings.map(({ node }) => (node ? piece.nodes.indexOf(node) : 0));
  }

  get isEmpty(): boolean {
    return this.#findings.length === 0;
  }

  /** Adds the findings to `found`, where their piece is now. */
  addTo(found: T[], nodes: readonly InstructionNode[]): void {
    const by = (nodes[0]?.start ?? 0) - this.#start;
    for (const [index, finding] of this.#findings.entries()) {
      const node = nodes[this.#indices[index] ?? 0];
      found.push(by === 0 && node === finding.node ? finding : move(finding, by, node));
    }
  }
}

function move<T extends Placed>(finding: T, by: number, node: InstructionNode | undefined): T {
  const { start, end, fix } = finding;
  const changes = fix?.changes.map(one => ({ ...one, start: one.start + by, end: one.end + by }));
  return {
    ...finding,
    start: start + by,
    end: end + by,
    ...(node && { node }),
    ...(fix && changes && { fix: { ...fix, changes } }),
  };
}
