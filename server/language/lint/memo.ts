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
  /** Who found it. */
  readonly finder: object;
  readonly #start: number;
  readonly #findings: readonly T[];
  /** Index of each finding's node in the piece. */
  readonly #indices: readonly number[];

  constructor(
    findings: readonly T[],
    piece: {
      readonly nodes: readonly InstructionNode[];
      readonly variant: string | undefined;
      readonly finder: object;
    },
  ) {
    this.variant = piece.variant;
    this.finder = piece.finder;
    this.#start = piece.nodes[0]?.start ?? 0;
    this.#findings = findings;
    this.#indices = findIndices(findings, piece.nodes);
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

/** Findings are in order, mostly: each is looked for behind the one before it, so that all cost one pass. */
function findIndices(findings: readonly Placed[], nodes: readonly InstructionNode[]): number[] {
  let last = 0;
  return findings.map(({ node }) => {
    if (!node) return 0;
    const index = nodes.indexOf(node, last);
    last = Math.max(index < 0 ? nodes.indexOf(node) : index, 0);
    return last;
  });
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
