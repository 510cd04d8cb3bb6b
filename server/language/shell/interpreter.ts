import type { FromInstruction } from '../instructions/types.ts';
import { trimSpace } from '../syntax/characters.ts';

/** A language that `grammar.ts` can read, by the name of its shell. */
export type ShellDialect = 'sh' | 'bash' | 'dash' | 'ash' | 'ksh';

/** The program that runs a script. */
export interface Interpreter {
  /** Without its folder and `.exe`, in lower case: `bash`, `pwsh`, `python3`. */
  readonly name: string;
  /** Undefined for all that is no POSIX shell: PowerShell, cmd, fish, Python. */
  readonly dialect: ShellDialect | undefined;
  /** The words before the script, as written. */
  readonly words: readonly string[];
}

const dialects: ReadonlyMap<string, ShellDialect> = new Map([
  ['sh', 'sh'],
  ['bash', 'bash'],
  ['dash', 'dash'],
  ['ash', 'ash'],
  ['ksh', 'ksh'],
  ['mksh', 'ksh'],
]);

/** What a build runs shell forms with when nothing says otherwise. */
export const defaultInterpreter = createInterpreter(['/bin/sh', '-c']);

/** The interpreter that a command line starts, behind `env` and `busybox` as well. */
export function createInterpreter(words: readonly string[]): Interpreter {
  let at = 0;
  let name = programName(words[0]);
  while (name === 'env' || name === 'busybox') {
    const isBusybox = name === 'busybox';
    do at++;
    while (words[at]?.startsWith('-') || words[at]?.includes('='));
    name = programName(words[at]);
    if (isBusybox && name === 'sh') name = 'ash';
  }
  return { name, dialect: dialects.get(name), words };
}

/** The interpreter that the first line of a script names; undefined without `#!`. */
export function readShebang(text: string): Interpreter | undefined {
  const line = /^#!([^\n]*)/.exec(text)?.[1];
  return line === undefined ? undefined : createInterpreter(trimSpace(line).split(/\s+/));
}

/** The interpreter that `# hadolint shell=bash` names, for an image whose shell the file does not tell. */
export function readShellPragma(comment: string): Interpreter | undefined {
  const match = /^#[ \t]*hadolint[ \t]+shell[ \t]*=[ \t]*(\S+)[ \t]*(?:#.*)?$/.exec(comment);
  return match?.[1] === undefined ? undefined : createInterpreter([match[1]]);
}

/** The interpreter of a stage on an image that is not a stage: Windows images have another one. */
export function imageInterpreter({ image, platform }: FromInstruction): Interpreter {
  const isWindows = platform?.text.startsWith('windows') || windowsImage.test(image.text);
  return isWindows ? createInterpreter(['cmd', '/S', '/C']) : defaultInterpreter;
}

const windowsImage = /^mcr\.microsoft\.com\/windows(?:\/|:|$)|(?:nanoserver|servercore|windowsservercore)/i;

function programName(path = ''): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  return name.endsWith('.exe') ? name.slice(0, -4) : name;
}
