import { ruleAddress } from '../lint/addresses.ts';
import type { Inspection, LintFinding } from '../lint/inspect.ts';
import { toRange } from '../syntax/position.ts';
import type { Problem, Tree } from '../syntax/tree.ts';
import { type Diagnostic, diagnosticTag, severity } from './types.ts';

/** What is wrong with a file, and what the rules say. */
export function diagnostics({ check, findings, others }: Inspection): Diagnostic[] {
  const { tree } = check.file;
  return [
    ...check.problems.map(problem => ofProblem(tree, problem, others.get(problem) ?? [])),
    ...findings.map(finding => ofFinding(tree, finding)),
  ];
}

function ofProblem(tree: Tree, problem: Problem, others: readonly string[]): Diagnostic {
  return {
    range: toRange(tree, problem),
    severity: severity.error,
    code: problem.code,
    source: 'sampan',
    message: problem.message + naming(others),
  };
}

function ofFinding(tree: Tree, finding: LintFinding): Diagnostic {
  return {
    range: toRange(tree, finding),
    severity: severity[finding.severity],
    code: finding.code,
    codeDescription: { href: ruleAddress(finding) },
    source: 'sampan',
    message: finding.message + naming(finding.others),
    ...(finding.tag && { tags: [diagnosticTag[finding.tag]] }),
  };
}

/** The other names that a fact has. */
function naming(others: readonly string[]): string {
  return others.length === 0 ? '' : ` (${others.join(', ')})`;
}
