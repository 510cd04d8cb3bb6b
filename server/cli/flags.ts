import { usageFailure } from './failure.ts';

/** One flag of a command, as data: the parser and the help both read it. */
export interface Flag {
  readonly kind: 'boolean' | 'string' | 'list';
  readonly short?: string;
  /** What the value is, for the help: `string`, `bytes`, `list`. */
  readonly value?: string;
  readonly help: string;
  /** A boolean that is true unless `--flag=false` says otherwise. */
  readonly isOn?: true;
  /** Accepted but not shown in the help. */
  readonly hidden?: boolean;
}

export type Flags = { readonly [name: string]: Flag };

/** The values of flags: `false` (or what the flag says), undefined or an empty list when not given. */
export type FlagValues<F extends Flags> = {
  readonly [N in keyof F]: F[N]['kind'] extends 'boolean'
    ? boolean
    : F[N]['kind'] extends 'list'
      ? readonly string[]
      : string | undefined;
};

export interface ParsedLine<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
  readonly help: boolean;
}

/**
 * Parses as spf13/pflag does: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, combined
 * short booleans, `--` ends flags. With `stopAtPositional` everything from the first positional on is left
 * alone, as `docker run` needs. Throws a usage failure with pflag's words.
 */
export function parseFlags<F extends Flags>(
  spec: F,
  args: readonly string[],
  options: { readonly stopAtPositional?: boolean } = {},
): ParsedLine<F> {
  const reader = new FlagReader(spec, args);
  const positionals = reader.read(options.stopAtPositional ?? false);
  return { flags: reader.values as FlagValues<F>, positionals, help: reader.help };
}

class FlagReader {
  readonly #spec: Flags;
  readonly #args: readonly string[];
  readonly #byShort: ReadonlyMap<string, string>;
  readonly values: { [name: string]: boolean | string | undefined | string[] } = {};
  help = false;
  #at = 0;

  constructor(spec: Flags, args: readonly string[]) {
    this.#spec = spec;
    this.#args = args;
    this.#byShort = new Map(
      Object.entries(spec).flatMap(([name, { short }]) => (short ? [[short, name]] : [])),
    );
    for (const [name, { kind, isOn = false }] of Object.entries(spec)) {
      this.values[name] = kind === 'boolean' ? isOn : kind === 'list' ? [] : undefined;
    }
  }

  read(stopAtPositional: boolean): string[] {
    const positionals: string[] = [];
    while (this.#at < this.#args.length) {
      const arg = this.#args[this.#at++] as string;
      if (arg === '--') return [...positionals, ...this.#args.slice(this.#at)];
      if (arg.startsWith('--')) this.#long(arg.slice(2));
      else if (arg.startsWith('-') && arg.length > 1) this.#shorts(arg);
      else if (stopAtPositional) return [arg, ...this.#args.slice(this.#at)];
      else positionals.push(arg);
    }
    return positionals;
  }

  #long(text: string): void {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const given = equals < 0 ? undefined : text.slice(equals + 1);
    const flag = Object.hasOwn(this.#spec, name) ? this.#spec[name] : undefined;
    if (flag === undefined) {
      if (name !== 'help') throw usageFailure(`unknown flag: --${name}`);
      this.help = true;
    } else if (flag.kind === 'boolean') this.#setBoolean(name, given ?? 'true');
    else this.#set(name, given ?? this.#next(`flag needs an argument: --${name}`));
  }

  #shorts(arg: string): void {
    for (let at = 1; at < arg.length; at++) {
      const short = arg[at] as string;
      const name = this.#byShort.get(short);
      if (name === undefined) throw usageFailure(`unknown shorthand flag: '${short}' in ${arg}`);
      const rest = arg.slice(at + 1);
      if (this.#spec[name]?.kind === 'boolean') {
        if (!rest.startsWith('=')) {
          this.#setBoolean(name, 'true');
          continue;
        }
        this.#setBoolean(name, rest.slice(1));
        return;
      }
      const given = rest.startsWith('=') ? rest.slice(1) : rest;
      this.#set(name, rest === '' ? this.#next(`flag needs an argument: '${short}' in ${arg}`) : given);
      return;
    }
  }

  #next(problem: string): string {
    const value = this.#args[this.#at++];
    if (value === undefined) throw usageFailure(problem);
    return value;
  }

  #set(name: string, value: string): void {
    const before = this.values[name];
    if (Array.isArray(before)) before.push(value);
    else this.values[name] = value;
  }

  #setBoolean(name: string, text: string): void {
    const value = readBoolean(text);
    if (value === undefined) {
      throw usageFailure(
        `invalid argument "${text}" for "${flagNames(name, this.#spec[name])}" flag: it must be true or false`,
      );
    }
    this.values[name] = value;
  }
}

/** Go's strconv.ParseBool; undefined for what is neither. */
export function readBoolean(text: string): boolean | undefined {
  return booleans[text];
}

const booleans: { readonly [text: string]: boolean | undefined } = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** `-t, --tty`, the way messages and help name a flag. */
export function flagNames(name: string, flag: Flag | undefined): string {
  return flag?.short ? `-${flag.short}, --${name}` : `--${name}`;
}
