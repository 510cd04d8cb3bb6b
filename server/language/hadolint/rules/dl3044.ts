import type { EnvInstruction } from '../../instructions/types.ts';
import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf } from '../outline.ts';
import { unquote } from '../quotes.ts';

/** A variable is used behind the ENV that sets it. */
export const dl3044: FileRule = {
  id: 'DL3044',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'ENV does not use a variable that it sets itself',
  documentation:
    'All values of an `ENV` are expanded before it sets any of them: a variable that it sets has its old value in the others, or none. Set it in an `ENV` before.\n\n```dockerfile\nENV HOME_DIR=/opt/app\nENV DATA_DIR=$HOME_DIR/data\n```',
  *check({ file }) {
    const known = new Set<string>();
    for (const { steps } of outlineOf(file).stages) {
      for (const { instruction, node } of steps) {
        if (instruction.kind === 'ARG') for (const { key } of instruction.declarations) known.add(key.text);
        if (instruction.kind !== 'ENV') continue;
        const found = usesItself(instruction, known);
        for (const { key } of instruction.pairs) known.add(unquote(key.text));
        if (!found) continue;
        const { start, end } = found.value;
        const message = `${found.name} is set by this ENV: here it has its old value, or none`;
        yield { start, end, node, message };
      }
    }
  },
};

/** A variable that a pair sets and the value of another one uses. */
function usesItself({ pairs }: EnvInstruction, known: ReadonlySet<string>) {
  const setters = new Map<string, number[]>();
  for (const [index, { key }] of pairs.entries()) {
    const name = unquote(key.text);
    setters.set(name, [...(setters.get(name) ?? []), index]);
  }
  for (const [index, { value }] of pairs.entries()) {
    for (const [, inBraces, bare] of value.text.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
      const name = inBraces ?? bare ?? '';
      const isSetByOther = setters.get(name)?.some(other => other !== index);
      if (isSetByOther && !known.has(name)) return { name, value };
    }
  }
  return undefined;
}
