import { ruleAddress } from '../lint/addresses.ts';
import type { Inspection, LintFinding } from '../lint/inspect.ts';
import { toRange } from '../syntax/position.ts';
import type { Problem, Tree } from '../syntax/tree.ts';
import { type Diagnostic, diagnosticTag, severity } from './types.ts';

/**
 * What is wrong with a file, and what the rules say. Of very many the most severe: VS Code shows 1000 of a file, and nobody
 * reads as many.
 */
export function diagnostics({ check, findings, others }: Inspection): Diagnostic[] {
  const { tree } = check.file;
  const problems = check.problems.slice(0, most);
  return [
    ...problems.map(problem => ofProblem(tree, problem, others.get(problem) ?? [])),
    ...mostSevere(findings, most - problems.length).map(finding => ofFinding(tree, finding)),
  ];
}

const most = 1000;

/** In the order that they have. */
function mostSevere(findings: readonly LintFinding[], count: number): readonly LintFinding[] {
  if (findings.length <= count) return findings;
  let left = count;
  const chosen = new Set<LintFinding>();
  for (const wanted of ['error', 'warning', 'information', 'hint']) {
    for (const finding of findings) {
      if (left === 0) break;
      if (finding.severity !== wanted) continue;
      chosen.add(finding);
      left--;
    }
  }
  return findings.filter(finding => chosen.has(finding));
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
