export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Level and message of a line that the server wrote to stderr: `<RFC 3339> <level> <message>`. The time is left out:
 * the output channel sets its own. Any other line, such as Node's report of a crash, is an error.
 */
export function parseServerLine(line: string): { readonly level: LogLevel; readonly message: string } {
  const match = /^\d{4}-\d\d-\d\dT\S+Z (debug|info|warn|error) (.*)$/.exec(line);
  if (match === null) return { level: 'error', message: line };
  return { level: match[1] as LogLevel, message: match[2] ?? '' };
}
