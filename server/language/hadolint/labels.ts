import type { Instruction, KeyValue } from '../instructions/types.ts';
import type { EditorFinding, InstructionRule } from '../lint/editorRule.ts';
import type { LabelType } from './configuration.ts';
import { unquote } from './quotes.ts';

/** A label with its key and value as the image has them, apart from variables. */
export interface Label {
  readonly key: string;
  readonly value: string;
  readonly pair: KeyValue;
}

/** The labels that an instruction sets. */
export function labelsOf(instruction: Instruction): Label[] {
  if (instruction.kind !== 'LABEL') return [];
  return instruction.pairs.map(pair => ({
    key: unquote(pair.key.text),
    value: unquote(pair.value.text),
    pair,
  }));
}

/** A rule that the values of labels have the form that the schema of the configuration asks for. */
export function labelTypeRule(
  about: Pick<InstructionRule, 'id' | 'summary' | 'documentation'>,
  options: {
    readonly type: LabelType;
    readonly isValid: (value: string) => boolean;
    /** What a value has to be, with its article. */
    readonly wanted: string;
  },
): InstructionRule {
  const { type, isValid, wanted } = options;
  return {
    ...about,
    source: 'hadolint',
    scope: 'instruction',
    on: ['LABEL'],
    severity: 'warning',
    *check({ instruction, configuration: { labelSchema } }) {
      if (labelSchema.size === 0) return;
      const seen = new Set<string>();
      for (const { key, value, pair } of labelsOf(instruction)) {
        if (labelSchema.get(key) !== type || isValid(value) || seen.has(key)) continue;
        seen.add(key);
        yield atValue(pair, `The value of ${key} is not ${wanted}`);
      }
    },
  };
}

/** A finding at the value of a label, or at its key when it has none. */
export function atValue({ key, value }: KeyValue, message: string): EditorFinding {
  const { start, end } = value.end > value.start ? value : key;
  return { start, end, message };
}
