import type { InstructionNode, Word } from '../syntax/tree.ts';

/** The values of `--from=` and of `from=` in mounts. */
export function* sourceWords(node: InstructionNode): Generator<Word> {
  if (node.trigger) yield* sourceWords(node.trigger);
  for (const { name, value } of node.flags) {
    if (!value || value.end - value.start !== value.text.length) continue;
    if (name.text === 'from') yield value;
    else if (name.text === 'mount') yield* mountSources(value);
  }
}

function* mountSources(value: Word): Generator<Word> {
  let at = value.start;
  for (const field of value.text.split(',')) {
    const key = /^from=/i.exec(field);
    const end = at + field.length;
    if (key) yield value.part(field.slice(key[0].length), { start: at + key[0].length, end });
    at += field.length + 1;
  }
}
