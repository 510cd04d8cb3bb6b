import { type CheckResult, check } from '../../server/language/lint/check.ts';
import type { EditorRule, Surroundings } from '../../server/language/lint/editorRule.ts';
import { editorRules } from '../../server/language/lint/editorRules.ts';
import { type Inspection, inspect } from '../../server/language/lint/inspect.ts';
import { Inspector } from '../../server/language/lint/inspector.ts';
import type { LintSettings } from '../../server/language/lint/settings.ts';

/** What the editor says about a text of which nothing else is known, by all rules unless some are named. */
export function inspected(
  of: string | CheckResult,
  options: Surroundings & {
    readonly rules?: readonly EditorRule[];
    readonly settings?: LintSettings;
  } = {},
): Inspection {
  const { rules = editorRules, settings, ignore } = options;
  const result = typeof of === 'string' ? check(of, { ...(ignore && { ignore }) }) : of;
  return inspect(result, new Inspector({ rules, ...(settings && { settings }) }), options);
}
