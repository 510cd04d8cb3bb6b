import { shellcheckFindings } from '../shellcheck/findings.ts';
import type { InstructionNode, Problem, Span } from '../syntax/tree.ts';
import { type CheckResult, check, type Warning } from './check.ts';
import type { EditorFinding, RuleSource, Severity, Surroundings } from './editorRule.ts';
import type { Inspector } from './inspector.ts';
import { Pragmas } from './pragmas.ts';
import type { Fix } from './rule.ts';
import type { RuleFinding } from './ruleFinding.ts';
import { findRule } from './rules.ts';
import { chosenLevel, type Level, type LintSettings } from './settings.ts';

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

export interface Inspection {
  readonly check: CheckResult;
  /** By place. What is silenced or switched off is not among them. */
  readonly findings: readonly LintFinding[];
  /** Names of the rules that tell the same as a problem of the check. */
  readonly others: ReadonlyMap<Problem, readonly string[]>;
  /** The same inspection of another text, as it would be with a change. */
  readonly inspectText: (text: string) => Inspection;
}

/** All that the editor says about a file: the build checks and the editor's own rules, each fact once. */
export function inspect(result: CheckResult, inspector: Inspector, around: Surroundings = {}): Inspection {
  const { ignore, shellcheck } = around;
  const facts = new Facts(result);
  const found = inspector.run(result, around);
  if (shellcheck) found.push(...shellcheckFindings(result.file, shellcheck));
  // Those that may stand back for another come when the others are there.
  for (const finding of found) if (!finding.rule.sameAs) facts.add(finding);
  for (const finding of found) if (finding.rule.sameAs) facts.add(finding);
  const silencer = new Silencer(result, inspector.settings);
  const findings = facts.all.flatMap(fact => silencer.pass(fact) ?? []);
  findings.sort((left, right) => left.start - right.start);
  const inspectText = (text: string) =>
    inspect(check(text, { ...(ignore && { ignore }) }), inspector, around);
  return { check: result, findings, others: facts.others, inspectText };
}

/** A finding that still takes up others. */
interface Fact extends Omit<LintFinding, 'severity' | 'others' | 'fix'> {
  fix: Fix | undefined;
  readonly severity: Severity | 'off';
  readonly others: string[];
  /** All that it goes by, for settings and pragmas. */
  names: readonly string[];
  /** Honours `# check=skip=` above its instruction. */
  readonly isSkippedAbove: boolean;
}

/** Brings findings of one fact together. */
class Facts {
  readonly all: Fact[] = [];
  readonly others = new Map<Problem, string[]>();
  readonly #problems: readonly Problem[];
  readonly #warnings: readonly Warning[];
  #byNode: Map<InstructionNode | undefined, Fact[]> | undefined;

  constructor({ warnings, problems }: CheckResult) {
    this.#problems = problems;
    for (const warning of warnings) this.all.push(ofWarning(warning));
    this.#warnings = warnings;
  }

  add(finding: RuleFinding): void {
    const { sameAs } = finding.rule;
    if (sameAs && (this.#joinProblem(finding, sameAs) || this.#joinFact(finding, sameAs))) return;
    const fact = ofFinding(finding);
    this.all.push(fact);
    if (this.#byNode) index(this.#byNode, finding.node, fact);
  }

  #joinProblem({ node, rule }: RuleFinding, sameAs: readonly string[]): boolean {
    if (!node || this.#problems.length === 0) return false;
    const problem = this.#problems.find(
      ({ code, start }) => sameAs.includes(code) && node.start <= start && start <= node.end,
    );
    if (!problem) return false;
    const others = this.others.get(problem);
    if (!others) this.others.set(problem, [rule.id]);
    else if (!others.includes(rule.id)) others.push(rule.id);
    return true;
  }

  #joinFact({ node, rule, fix }: RuleFinding, sameAs: readonly string[]): boolean {
    this.#byNode ??= this.#indexAll();
    const fact = this.#byNode.get(node)?.find(({ code }) => sameAs.includes(code));
    if (!fact) return false;
    if (!fact.others.includes(rule.id)) {
      fact.others.push(rule.id);
      fact.names = [...fact.names, rule.id];
    }
    fact.fix ??= fix;
    return true;
  }

  #indexAll(): Map<InstructionNode | undefined, Fact[]> {
    const byNode = new Map<InstructionNode | undefined, Fact[]>();
    for (const [at, { node, owner }] of this.#warnings.entries()) {
      const fact = this.all[at];
      if (!fact) continue;
      index(byNode, node, fact);
      if (owner !== node) index(byNode, owner, fact);
    }
    for (const fact of this.all.slice(this.#warnings.length)) index(byNode, fact.node, fact);
    return byNode;
  }
}

function index(
  byNode: Map<InstructionNode | undefined, Fact[]>,
  node: InstructionNode | undefined,
  fact: Fact,
): void {
  const known = byNode.get(node);
  if (known) known.push(fact);
  else byNode.set(node, [fact]);
}

function ofWarning({ rule, severity, message, start, end, owner, fix }: Warning): Fact {
  const isSkippedAbove = findRule(rule)?.isSkippedAbove ?? true;
  const about = { code: rule, source: 'buildkit', severity } as const;
  return {
    ...about,
    names: nameOf(rule),
    others: [],
    isSkippedAbove,
    message,
    start,
    end,
    node: owner,
    fix,
    tag: undefined,
  };
}

function ofFinding({ rule, message, start, end, node, fix, tag }: RuleFinding): Fact {
  const { id, source, severity } = rule;
  const about = { code: id, source, severity, names: namesOf(rule), others: [], isSkippedAbove: true };
  return { ...about, message, start, end, node, fix, tag };
}

// One list for all findings of a rule, so that what they go by is judged once.
const namesOfRules = new WeakMap<RuleFinding['rule'], readonly string[]>();
const namesOfChecks = new Map<string, readonly string[]>();

function namesOf(rule: RuleFinding['rule']): readonly string[] {
  const names = namesOfRules.get(rule) ?? [rule.id, ...(rule.sameAs ?? [])];
  namesOfRules.set(rule, names);
  return names;
}

function nameOf(check: string): readonly string[] {
  const names = namesOfChecks.get(check) ?? [check];
  namesOfChecks.set(check, names);
  return names;
}

/** Leaves out what comments and settings switch off, and gives the rest its severity. */
class Silencer {
  readonly #settings: LintSettings;
  readonly #pragmas: Pragmas;
  readonly #levels = new Map<readonly string[], Level | undefined>();

  constructor(result: CheckResult, settings: LintSettings) {
    this.#settings = settings;
    this.#pragmas = new Pragmas(result, { isHadolint: !settings.hadolint.disableIgnorePragma });
  }

  pass(found: Fact): LintFinding | undefined {
    const { names, isSkippedAbove: _, ...fact } = found;
    const severity = this.#levelOf(names) ?? fact.severity;
    return severity === 'off' || this.#pragmas.silences(found) ? undefined : { ...fact, severity };
  }

  #levelOf(names: readonly string[]): Level | undefined {
    if (!this.#levels.has(names)) this.#levels.set(names, chosenLevel(this.#settings, names));
    return this.#levels.get(names);
  }
}
