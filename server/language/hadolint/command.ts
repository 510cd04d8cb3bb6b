import type { ShellCommand } from '../shell/commands.ts';
import { staticValue } from '../shell/literal.ts';
import type { ScriptSpan } from '../shell/script.ts';
import { wordText } from './wordText.ts';

/** A word of a command, by its place in the script. */
export interface Argument extends ScriptSpan {
  /** Without quotes; every variable as `${name}`. */
  readonly text: string;
}

/** A simple command of a script, as far as rules want to know it. It holds nothing of the script's tree. */
export class Command implements ScriptSpan {
  readonly name: string;
  /** The words behind its name. */
  readonly args: readonly Argument[];
  readonly pos: number;
  readonly end: number;
  /** The word that names it. */
  readonly nameSpan: ScriptSpan;
  /** How many commands of its script are written before it. */
  readonly index: number;

  constructor(part: Pick<Command, 'name' | 'args' | 'pos' | 'end' | 'nameSpan' | 'index'>) {
    this.name = part.name;
    this.args = part.args;
    this.pos = part.pos;
    this.end = part.end;
    this.nameSpan = part.nameSpan;
    this.index = part.index;
  }

  /** One of the words is an argument of it. */
  has(...words: readonly string[]): boolean {
    return this.args.some(({ text }) => words.includes(text));
  }

  find(...words: readonly string[]): Argument | undefined {
    return this.args.find(({ text }) => words.includes(text));
  }

  /** The words follow each other among the arguments. */
  hasSequence(...words: readonly string[]): boolean {
    return this.args.some((_, at) => words.every((word, offset) => this.args[at + offset]?.text === word));
  }

  /** It has one of the flags, which are letters (also in a group, `-qq`) or long names, with a value or without. */
  hasFlag(...flags: readonly string[]): boolean {
    return this.args.some(({ text }) => flagsOf(text).some(flag => flags.includes(flag)));
  }

  countFlag(flag: string): number {
    return this.args.flatMap(({ text }) => flagsOf(text)).filter(one => one === flag).length;
  }

  /** The words that are no flags; the word behind one of `valued` is its value and left out. */
  operands(valued: ReadonlySet<string> = noFlags): Argument[] {
    const values = new Set<number>();
    for (const [at, { text }] of this.args.entries()) {
      if (!text.includes('=') && flagsOf(text).some(flag => valued.has(flag))) values.add(at + 1);
    }
    return this.args.filter(({ text }, at) => !values.has(at) && flagsOf(text).length === 0);
  }

  /** The words behind a flag. */
  valuesOf(flag: string): Argument[] {
    return this.args.filter((_, at) => at > 0 && flagsOf(this.args[at - 1]?.text ?? '').includes(flag));
  }
}

const noFlags: ReadonlySet<string> = new Set();

/** The letters of `-abc`, the name of `--name=value`; none for any other word. */
function flagsOf(text: string): readonly string[] {
  if (!text.startsWith('-') || text === '-' || text === '--') return [];
  return text.startsWith('--') ? [text.slice(2).split('=')[0] ?? ''] : [...text.slice(1)];
}

/** The command as rules want to know it; undefined when no rule asks for it. */
export function readCommand(
  { command, name, args, pos, end }: ShellCommand,
  index: number,
): Command | undefined {
  if (name === undefined || !command.name) return undefined;
  const actual = actualCommand(name, args);
  if (actual !== undefined && staticValue(actual) === undefined) return undefined;
  const named = actual ?? command.name;
  const actualName = actual?.value ?? name;
  if (!isAskedFor.test(actualName)) return undefined;
  const own = actual ? args.slice(args.indexOf(actual) + 1) : args;
  const read = own.map(word => ({ text: wordText(word), pos: word.pos, end: word.end }));
  return new Command({
    name: actualName,
    args: read,
    pos,
    end,
    index,
    nameSpan: { pos: named.pos, end: named.end },
  });
}

const isAskedFor =
  /^(?:apk|apt|apt-get|aptitude|bunzip2|cd|curl|dnf|free|gem|go|gunzip|gzcat|kill|ln|microdnf|mount|npm|pip.*|ps|python.*|rm|service|shutdown|ssh|sudo|tar|top|uncompress|unlzma|unxz|unzip|useradd|vim|wget|yarn|yum|zcat|zgz|zypper)$/s;

type ShellWord = ShellCommand['args'][number];

/** The word of the program that a command runs for another, as `command` and `exec` do; undefined for all others. */
function actualCommand(name: string, args: readonly ShellWord[]): ShellWord | undefined {
  let at = 0;
  if (name === 'exec') {
    for (let word = args[at]; word && /^-[cla]+$/.test(word.value); word = args[at]) {
      at += word.value.endsWith('a') ? 2 : 1;
    }
  } else if (!['busybox', 'builtin', 'command'].includes(name)) return undefined;
  return args[at]?.value.startsWith('-') ? undefined : args[at];
}

/** True for `[ -f x ]`, which is a condition rather than a command. */
export function isCondition({ name }: ShellCommand): boolean {
  return name === '[' || name === undefined;
}
