import type { EditorRule } from '../lint/editorRule.ts';

/** The rules of hadolint, by number. */
export const hadolintRules: readonly EditorRule[] = [];
