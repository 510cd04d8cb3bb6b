import { once } from 'node:events';

/** Writes to stdout; resolves when the bytes may be followed by more. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export async function printLine(line: string): Promise<void> {
  await print(`${line}\n`);
}

/**
 * A line for people on stderr. It may quote what an image or a container wrote: control characters, which terminals obey,
 * are shown by number.
 */
export function note(line: string): void {
  process.stderr.write(`${withoutControls(line, '\n\t')}\n`);
}

/** The text with every control character (C0, DEL, C1) but those of `kept` as JSON would write it, `\u001b`. */
export function withoutControls(text: string, kept = ''): string {
  return text.replace(/\p{Cc}/gu, character =>
    kept.includes(character)
      ? character
      : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
