import { hadolintRules } from '../hadolint/rules.ts';
import type { EditorRule } from './editorRule.ts';
import { sampanRules } from './sampan/rules.ts';
import { validationRules } from './validations/rules.ts';

/** All rules that the editor has besides the build checks. */
export const editorRules: readonly EditorRule[] = [...sampanRules, ...hadolintRules, ...validationRules];

const byId = new Map(editorRules.map(rule => [rule.id, rule]));

/** The rule of a name, for its documentation. */
export function findEditorRule(id: string): EditorRule | undefined {
  return byId.get(id);
}
