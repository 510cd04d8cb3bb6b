import { type Anchor, Place } from '../syntax/place.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { EditorFinding, RuleSource, Severity } from './editorRule.ts';
import type { Fix } from './rule.ts';
import type { RuleFinding } from './ruleFinding.ts';
import type { Warning } from './warning.ts';

/** A fact that rules found, once, whoever tells it. */
export interface LintFinding extends Span {
  /** Name of the rule that stands for it. */
  readonly code: string;
  readonly source: RuleSource;
  /** Names of the other rules that tell it. */
  readonly others: readonly string[];
  readonly severity: Severity;
  readonly message: string;
  /** The instruction above which a pragma counts; undefined for what is about the file. */
  readonly node: InstructionNode | undefined;
  readonly fix: Fix | undefined;
  readonly tag: EditorFinding['tag'];
}

type Parts = Omit<LintFinding, keyof Span>;

/** One that moves with the file. */
class PlacedLintFinding extends Place implements LintFinding {
  readonly code: string;
  readonly source: RuleSource;
  readonly others: readonly string[];
  readonly severity: Severity;
  readonly message: string;
  readonly node: InstructionNode | undefined;
  readonly fix: Fix | undefined;
  readonly tag: EditorFinding['tag'];

  constructor(anchor: Anchor, parts: LintFinding) {
    super(anchor, parts);
    this.code = parts.code;
    this.source = parts.source;
    this.others = parts.others;
    this.severity = parts.severity;
    this.message = parts.message;
    this.node = parts.node;
    this.fix = parts.fix;
    this.tag = parts.tag;
  }
}

/** What a rule has found as a fact; it is at the same place, and moves along where that does. */
export function toLintFinding(
  one: Warning | RuleFinding,
  { severity, others, fix }: Pick<Parts, 'severity' | 'others' | 'fix'>,
): LintFinding {
  const { start, end, message } = one;
  const parts = { start, end, message, severity, others, fix, ...aboutOf(one) };
  return one.node ? new PlacedLintFinding(one.node.anchor, parts) : parts;
}

function aboutOf(one: Warning | RuleFinding): Pick<Parts, 'code' | 'source' | 'node' | 'tag'> {
  if (typeof one.rule === 'string') {
    return { code: one.rule, source: 'buildkit', node: (one as Warning).owner, tag: undefined };
  }
  const { node, tag, rule } = one as RuleFinding;
  return { code: rule.id, source: rule.source, node, tag };
}
