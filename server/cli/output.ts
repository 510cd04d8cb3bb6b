import { once } from 'node:events';

/** Writes to stdout; resolves when the bytes may be followed by more. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export async function printLine(line: string): Promise<void> {
  await print(`${line}\n`);
}

/** A line for people on stderr. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
