import type { Diagnostic } from 'vscode-languageserver';
import { type CheckResult, toRange } from '../../language/index.ts';

// LSP 3.17 DiagnosticSeverity.
const severities = { error: 1, warning: 2, information: 3 } as const;

/** What the editor underlines: everything that a build refuses, and the build checks' findings. */
export function toDiagnostics({ file, problems, warnings }: CheckResult): Diagnostic[] {
  const source = 'sampan';
  const errors = problems.map(problem => ({
    range: toRange(file.tree, problem),
    severity: severities.error,
    code: problem.code,
    source,
    message: problem.message,
  }));
  const findings = warnings.map(warning => ({
    range: toRange(file.tree, warning),
    severity: severities[warning.severity],
    code: warning.rule,
    source,
    message: warning.message,
    codeDescription: { href: `https://docs.docker.com/go/dockerfile/rule/${slug(warning.rule)}/` },
  }));
  return [...errors, ...findings];
}

/** `StageNameCasing` is documented under `stage-name-casing`; acronyms stay together. */
function slug(rule: string): string {
  return rule.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
}
