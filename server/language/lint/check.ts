import { evaluate } from '../evaluation/evaluate.ts';
import type { Evaluation, EvaluationOptions } from '../evaluation/types.ts';
import type { IgnoreMatcher } from '../ignore/matcher.ts';
import { firstProblem, parse } from '../instructions/parse.ts';
import type { Dockerfile } from '../instructions/types.ts';
import type { DirectiveElement, InstructionNode, Problem, Tree } from '../syntax/tree.ts';
import {
  defaultConfiguration,
  type LintConfiguration,
  readConfiguration,
  withComments,
} from './configuration.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules.ts';
import { PlacedWarning, type Warning } from './warning.ts';

export type { Warning } from './warning.ts';

import { findInPages } from './pageWarnings.ts';

export interface CheckOptions extends EvaluationOptions {
  /** The ignore file of the build context. */
  readonly ignore?: IgnoreMatcher;
  /**
   * The check of the text before a change: what is the same moves to the new check, whose result is that of one from
   * nothing. It is used up.
   */
  readonly previous?: CheckResult | undefined;
}

export interface CheckResult {
  readonly file: Dockerfile;
  readonly evaluation: Evaluation;
  readonly configuration: LintConfiguration;
  /** All of them, also those behind an error. */
  readonly warnings: readonly Warning[];
  /** All that makes a build refuse the file. */
  readonly problems: readonly Problem[];
  /** What a build would stop at. */
  readonly error: Problem | undefined;
}

/** Parses a Dockerfile and runs all checks on it that need no build. Never fails. */
export function check(text: string, options: CheckOptions = {}): CheckResult {
  return checkFile(parse(text, options.previous?.file), options);
}

/** As {@link check}, for a file that is parsed. */
export function checkFile(file: Dockerfile, options: CheckOptions = {}): CheckResult {
  return new Check(file, options);
}

/** What the rules find is looked for when it is asked for: most features need none of it. */
class Check implements CheckResult {
  readonly file: Dockerfile;
  readonly evaluation: Evaluation;
  readonly configuration: LintConfiguration;
  readonly #ignore: IgnoreMatcher | undefined;
  readonly #optionsProblem: Problem | undefined;
  #warnings: readonly Warning[] | undefined;
  #problems: readonly Problem[] | undefined;

  constructor(file: Dockerfile, options: CheckOptions) {
    const { buildArgs, ignore } = options;
    const { configuration, problem } = fileConfiguration(file, buildArgs?.get(checkArgument));
    this.file = file;
    this.evaluation = evaluate(file, { ...options, previous: options.previous?.evaluation });
    this.configuration = configuration;
    this.#ignore = ignore;
    this.#optionsProblem = problem;
  }

  get warnings(): readonly Warning[] {
    this.#warnings ??= this.#findWarnings();
    return this.#warnings;
  }

  get problems(): readonly Problem[] {
    this.#problems ??= this.#findProblems();
    return this.#problems;
  }

  get error(): Problem | undefined {
    const { file, evaluation } = this;
    return this.#optionsProblem ?? firstProblem(file) ?? evaluation.problems[0] ?? this.#violation();
  }

  #findWarnings(): readonly Warning[] {
    const ofPages = findInPages(this, this.#ignore);
    return rules.flatMap(rule => {
      const found =
        rule.scope === 'page'
          ? (ofPages.get(rule) ?? [])
          : Array.from(rule.check(this), finding => new PlacedWarning(rule, finding));
      return found.filter(({ owner }) => isActive(rule, this.#configurationAt(rule, owner)));
    });
  }

  #configurationAt({ isSkippedAbove }: Rule, { comments }: InstructionNode): LintConfiguration {
    return isSkippedAbove ? withComments(this.configuration, comments) : this.configuration;
  }

  #findProblems(): readonly Problem[] {
    const found = [...this.file.problems, ...this.evaluation.problems];
    return withoutDoubles([this.#optionsProblem, ...found, this.#violation()]);
  }

  #violation(): Problem | undefined {
    return this.configuration.error ? violationOf(this.warnings) : undefined;
  }
}

const order = ['parse', 'instruction', 'stage', 'from', 'graph', 'build'] as const;

/** The warnings that a build has reported when it stops at the error. */
export function warningsBeforeError({ warnings, error, file }: CheckResult): readonly Warning[] {
  if (!error || error.code === 'lint-violation') return warnings;
  const node = file.tree.elements.findLast(({ start }) => start <= error.start);
  return warnings.filter(warning => {
    const distance = order.indexOf(warning.phase) - order.indexOf(error.phase);
    return distance < 0 || (distance === 0 && error.phase !== 'parse' && warning.start < (node?.end ?? 0));
  });
}

/** The build argument that stands in for the directive. */
const checkArgument = 'BUILDKIT_DOCKERFILE_CHECK';

function fileConfiguration(
  file: Dockerfile,
  argument: string | undefined,
): { configuration: LintConfiguration; problem: Problem | undefined } {
  const directive = findDirective(file.tree, 'check');
  const read = readConfiguration(argument ?? directive?.value.text ?? '');
  if (read.configuration) return { configuration: read.configuration, problem: undefined };
  const { start, end } = directive?.value ?? { start: 0, end: 0 };
  const message = `failed to parse check options: ${read.problem}`;
  const problem = { phase: 'parse', code: 'invalid-check-options', message, start, end } as const;
  return { configuration: defaultConfiguration, problem };
}

/** Directives stand before everything else. */
function findDirective({ elements }: Tree, name: string): DirectiveElement | undefined {
  for (const element of elements) {
    if (element.kind !== 'directive') return undefined;
    if (element.name.text === name) return element;
  }
  return undefined;
}

function isActive(rule: Rule, { skip, experimental }: LintConfiguration): boolean {
  const names = rule.isExperimental ? experimental : skip;
  const isNamed = names === 'all' || names.has(rule.name);
  return rule.isExperimental ? isNamed : !isNamed;
}

function violationOf(warnings: readonly Warning[]): Problem | undefined {
  const [first] = warnings;
  if (!first) return undefined;
  const names = [...new Set(warnings.map(({ rule }) => rule))].join(', ');
  const message = `lint violation found for rules: ${names}`;
  return { phase: 'build', code: 'lint-violation', message, start: first.start, end: first.end };
}

function withoutDoubles(problems: readonly (Problem | undefined)[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem): problem is Problem => {
    if (!problem) return false;
    const key = `${problem.start} ${problem.message}`;
    return !seen.has(key) && Boolean(seen.add(key));
  });
}
