import type { EditorFinding, EditorRule } from './editorRule.ts';
import { PlacedFinding } from './placedFinding.ts';

/** A finding and whose it is. */
export interface RuleFinding extends EditorFinding {
  readonly rule: Pick<EditorRule, 'id' | 'source' | 'severity' | 'sameAs'>;
}

/** One that moves with the file. */
export class PlacedRuleFinding extends PlacedFinding implements RuleFinding {
  readonly rule: RuleFinding['rule'];

  constructor(rule: RuleFinding['rule'], ...finding: ConstructorParameters<typeof PlacedFinding>) {
    super(...finding);
    this.rule = rule;
  }
}
