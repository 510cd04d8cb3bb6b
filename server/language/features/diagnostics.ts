import type { CheckResult } from '../lint/check.ts';
import { hints } from '../lint/hints.ts';
import { findRule } from '../lint/rules.ts';
import { toRange } from '../syntax/position.ts';
import { type Diagnostic, severity } from './types.ts';

/** What is wrong with a file, and what the build checks say. */
export function diagnostics(result: CheckResult): Diagnostic[] {
  const { problems, warnings } = result;
  const { tree } = result.file;
  const errors = problems.map(
    (problem): Diagnostic => ({
      range: toRange(tree, problem),
      severity: severity.error,
      code: problem.code,
      source: 'sampan',
      message: problem.message,
    }),
  );
  const findings = [...warnings, ...hints(result)].map(
    (warning): Diagnostic => ({
      range: toRange(tree, warning),
      severity: severity[warning.severity],
      code: warning.rule,
      ...(findRule(warning.rule) && { codeDescription: { href: ruleAddress(warning.rule) } }),
      source: 'sampan',
      message: warning.message,
    }),
  );
  return [...errors, ...findings];
}

function ruleAddress(rule: string): string {
  const kebab = rule
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
  return `https://docs.docker.com/go/dockerfile/rule/${kebab}/`;
}
