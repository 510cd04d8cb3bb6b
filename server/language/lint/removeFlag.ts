import type { Flag } from '../syntax/tree.ts';
import type { Fix } from './rule.ts';

/** Takes a flag out, with the blanks behind it. */
export function removeFlag(flag: Flag, text: string): Fix {
  let { end } = flag;
  while (text[end] === ' ' || text[end] === '\t') end++;
  return { title: `Remove --${flag.name.text}`, changes: [{ start: flag.start, end, text: '' }] };
}
