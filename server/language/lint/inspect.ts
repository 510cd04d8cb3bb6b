import { shellcheckFindings } from '../shellcheck/findings.ts';
import { FindingMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode, Problem } from '../syntax/tree.ts';
import { type CheckResult, check, type Warning } from './check.ts';
import type { Severity, Surroundings } from './editorRule.ts';
import type { Inspector } from './inspector.ts';
import { type LintFinding, toLintFinding } from './lintFinding.ts';
import { Pragmas } from './pragmas.ts';
import type { Fix } from './rule.ts';
import { PlacedRuleFinding, type RuleFinding } from './ruleFinding.ts';
import { findRule } from './rules.ts';
import { chosenLevel, type Level, type LintSettings } from './settings.ts';
import { PlacedWarning } from './warning.ts';

export type { LintFinding } from './lintFinding.ts';

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
  const found: (Warning | RuleFinding)[] = [...result.warnings];
  const late: RuleFinding[] = [];
  const sort = (finding: RuleFinding) => (finding.rule.sameAs ? late : found).push(finding);
  inspector.run(result, around).forEach(sort);
  if (shellcheck) shellcheckFindings(result.file, shellcheck).forEach(sort);
  const facts = new Facts(result, { found, late });
  const silencer = new Silencer(result, inspector.settings);
  const findings: LintFinding[] = [];
  for (const one of facts.found) {
    const told = silencer.pass(one, facts.merged.get(one));
    if (told) findings.push(told);
  }
  findings.sort((left, right) => left.start - right.start);
  const inspectText = (text: string) =>
    inspect(check(text, { ...(ignore && { ignore }) }), inspector, around);
  return { check: result, findings, others: facts.others, inspectText };
}

/** Brings findings of one fact together. */
class Facts {
  /** One for each fact. */
  readonly found: (Warning | RuleFinding)[];
  /** What others tell of one of these. */
  readonly merged = new Map<Warning | RuleFinding, Merged>();
  readonly others = new Map<Problem, string[]>();
  readonly #problems: readonly Problem[];
  /** What another may tell too. */
  readonly #byNode = new Map<InstructionNode | undefined, (Warning | RuleFinding)[]>();

  /** Those of `late` may stand back for another. */
  constructor(
    { problems }: CheckResult,
    {
      found,
      late,
    }: {
      readonly found: (Warning | RuleFinding)[];
      readonly late: readonly RuleFinding[];
    },
  ) {
    this.found = found;
    this.#problems = problems;
    const wanted = new Set(late.flatMap(({ rule }) => rule.sameAs ?? []));
    for (const one of wanted.size > 0 ? found : []) if (wanted.has(codeOf(one))) this.#index(one);
    for (const one of late) {
      if (this.#joinProblem(one) || this.#joinFact(one)) continue;
      found.push(one);
      if (wanted.has(codeOf(one))) this.#index(one);
    }
  }

  #index(one: Warning | RuleFinding): void {
    for (const node of new Set(isWarning(one) ? [one.node, one.owner] : [one.node])) {
      const known = this.#byNode.get(node);
      if (known) known.push(one);
      else this.#byNode.set(node, [one]);
    }
  }

  #joinProblem({ node, rule: { id, sameAs } }: RuleFinding): boolean {
    if (!node || this.#problems.length === 0) return false;
    const problem = this.#problems.find(
      ({ code, start }) => sameAs?.includes(code) && node.start <= start && start <= node.end,
    );
    if (!problem) return false;
    const others = this.others.get(problem);
    if (!others) this.others.set(problem, [id]);
    else if (!others.includes(id)) others.push(id);
    return true;
  }

  #joinFact({ node, rule: { id, sameAs }, fix }: RuleFinding): boolean {
    const fact = this.#byNode.get(node)?.find(one => sameAs?.includes(codeOf(one)));
    if (!fact) return false;
    const merged = this.merged.get(fact) ?? { names: [...namesOf(fact)], others: [], fix: fact.fix };
    this.merged.set(fact, merged);
    if (!merged.others.includes(id)) {
      merged.others.push(id);
      merged.names.push(id);
    }
    merged.fix ??= fix;
    return true;
  }
}

interface Merged {
  /** All that the fact goes by, for settings and pragmas. */
  readonly names: string[];
  /** Names of the other rules that tell it. */
  readonly others: string[];
  fix: Fix | undefined;
}

function isWarning(one: Warning | RuleFinding): one is Warning {
  return typeof one.rule === 'string';
}

function codeOf(one: Warning | RuleFinding): string {
  return isWarning(one) ? one.rule : one.rule.id;
}

// One list for all findings of a rule, so that what they go by is judged once.
const namesOfRules = new WeakMap<RuleFinding['rule'], readonly string[]>();
const namesOfChecks = new Map<string, readonly string[]>();

function namesOf(one: Warning | RuleFinding): readonly string[] {
  return isWarning(one) ? namesOfCheck(one.rule) : namesOfRule(one.rule);
}

function namesOfRule(rule: RuleFinding['rule']): readonly string[] {
  const names = namesOfRules.get(rule) ?? [rule.id, ...(rule.sameAs ?? [])];
  namesOfRules.set(rule, names);
  return names;
}

function namesOfCheck(check: string): readonly string[] {
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

  /** The fact as it is shown; undefined when it is not. */
  pass(one: Warning | RuleFinding, merged: Merged | undefined): LintFinding | undefined {
    const names = merged?.names ?? namesOf(one);
    const severity = this.#levelOf(names) ?? (isWarning(one) ? one.severity : one.rule.severity);
    if (severity === 'off') return undefined;
    const isSkippedAbove = !isWarning(one) || (findRule(one.rule)?.isSkippedAbove ?? true);
    const node = isWarning(one) ? one.owner : one.node;
    if (this.#pragmas.silences({ names, node, isSkippedAbove, start: one.start })) return undefined;
    return merged ? toLintFinding(one, { severity, ...merged }) : toldAlone(one, severity);
  }

  #levelOf(names: readonly string[]): Level | undefined {
    if (!this.#levels.has(names)) this.#levels.set(names, chosenLevel(this.#settings, names));
    return this.#levels.get(names);
  }
}

const alone = new FindingMemo<LintFinding>();

/** What stays the same is shown as the same object. */
function toldAlone(one: Warning | RuleFinding, severity: Severity): LintFinding {
  const own = { severity, others: [], fix: one.fix };
  if (!(one instanceof PlacedWarning) && !(one instanceof PlacedRuleFinding)) return toLintFinding(one, own);
  const known = alone.get(one);
  if (known?.severity === severity) return known;
  const told = toLintFinding(one, own);
  alone.set(one, told);
  return told;
}
