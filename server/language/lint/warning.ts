import { NodeKey } from '../syntax/nodeMemo.ts';
import { Place, Word } from '../syntax/place.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { Finding, Fix, Rule } from './rule.ts';

/** A build check's finding. */
export interface Warning extends Span {
  /** BuildKit's name of the check. */
  readonly rule: string;
  readonly severity: Rule['severity'];
  readonly phase: Rule['phase'];
  readonly message: string;
  /** 0-based line that BuildKit names for it; the span is exact. */
  readonly line: number;
  /** The instruction that it is about. */
  readonly node: InstructionNode;
  /** The instruction above which a pragma counts. */
  readonly owner: InstructionNode;
  readonly fix: Fix | undefined;
}

/** A warning that moves with the instruction that it is about. */
export class PlacedWarning extends Place implements Warning {
  readonly rule: string;
  readonly severity: Rule['severity'];
  readonly phase: Rule['phase'];
  readonly message: string;
  readonly node: InstructionNode;
  readonly owner: InstructionNode;
  readonly fix: Fix | undefined;
  readonly key = new NodeKey();
  /** Counted from the first line of the instruction. */
  private readonly atLine: number;

  /** `finding` is where it is now. */
  constructor({ name, severity, phase }: Rule, finding: Finding) {
    const { node, owner = node, line = node.line, message, fix } = finding;
    super(node.anchor, finding);
    this.rule = name;
    this.severity = severity;
    this.phase = phase;
    this.message = message;
    this.node = node;
    this.owner = owner;
    this.fix = fix && { ...fix, changes: fix.changes.map(change => new Word(node.anchor, change)) };
    this.atLine = line - node.line;
  }

  get line(): number {
    return this.node.line + this.atLine;
  }
}
