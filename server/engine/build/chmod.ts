import { SampanError } from '../../common/errors.ts';
import type { EntryType } from '../runtime/types.ts';

/** Gives an entry its mode; `mode` is the source's. */
export type ModeChange = (entry: { readonly type: EntryType; readonly mode: number }) => number;

/**
 * The value of `--chmod`: octal, or symbolic as chmod(1) has it (`u=rwX,go-w`), where an omitted "who" is
 * everybody: a build has no umask.
 *
 * @throws SampanError `dockerfile-invalid`
 */
export function parseChmod(text: string): ModeChange {
  if (/^[0-7]+$/.test(text)) {
    const mode = Number.parseInt(text, 8);
    if (mode <= 0o7777) return () => mode;
    throw invalid(text);
  }
  const changes = text.split(',').map(part => parseClause(part, text));
  return entry => changes.reduce((mode, change) => change({ type: entry.type, mode }), entry.mode);
}

const whoShift: { readonly [who: string]: number } = { u: 6, g: 3, o: 0 };
const permission: { readonly [letter: string]: number } = { r: 4, w: 2, x: 1 };

function parseClause(clause: string, whole: string): ModeChange {
  const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
  if (!match) throw invalid(whole);
  const who = match[1] === '' || match[1]?.includes('a') ? ['u', 'g', 'o'] : [...new Set(match[1])];
  const actions = [...(match[2] as string).matchAll(/([-+=])([^-+=]*)/g)];
  return entry =>
    actions.reduce((mode, [, operator, letters]) => {
      const affected = { who, operator: operator as string, letters: letters as string };
      return applyAction({ type: entry.type, mode }, affected);
    }, entry.mode);
}

function applyAction(
  entry: { readonly type: EntryType; readonly mode: number },
  action: { readonly who: readonly string[]; readonly operator: string; readonly letters: string },
): number {
  let bits = 0;
  let cleared = 0;
  for (const who of action.who) {
    const shift = whoShift[who] as number;
    bits |= wanted(entry, action.letters) << shift;
    cleared |= 7 << shift;
    if (action.letters.includes('s')) bits |= who === 'u' ? 0o4000 : who === 'g' ? 0o2000 : 0;
    if (who === 'u') cleared |= 0o4000;
    if (who === 'g') cleared |= 0o2000;
  }
  if (action.letters.includes('t')) bits |= 0o1000;
  if (action.operator === '+') return entry.mode | bits;
  if (action.operator === '-') return entry.mode & ~bits;
  return (entry.mode & ~cleared) | bits;
}

function wanted(entry: { readonly type: EntryType; readonly mode: number }, letters: string): number {
  if (letters.length === 1 && letters in whoShift) return (entry.mode >> (whoShift[letters] as number)) & 7;
  let bits = 0;
  for (const letter of letters) {
    if (letter !== 'X') bits |= permission[letter] ?? 0;
    else if (entry.type === 'directory' || (entry.mode & 0o111) !== 0) bits |= 1;
  }
  return bits;
}

function invalid(text: string): SampanError {
  return new SampanError('dockerfile-invalid', `--chmod cannot take "${text}".`, {
    hint: 'Write an octal mode from 0 to 07777, or a symbolic one such as u=rwX,go=rX.',
  });
}
