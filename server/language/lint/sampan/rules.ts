import type { EditorRule } from '../editorRule.ts';
import { mistypedStageName } from './mistypedStageName.ts';

/** What nobody else tells: facts of the whole file. */
export const sampanRules: readonly EditorRule[] = [mistypedStageName];
