import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseDuration } from '../../common/duration.ts';
import { parseSize } from '../../common/sizes.ts';
import type { RestartPolicy } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';

/** Readers of single flag values. Each throws a usage failure (exit code 125) that names the flag and the value. */

export function readSize(text: string, flag: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw usageFailure(`invalid argument "${text}" for "${flag}" flag: invalid size: '${text}'`);
  return bytes;
}

/** `-1` is "no limit" where `unlimited` is allowed. */
export function readSizeOrUnlimited(text: string, flag: string): number {
  return text === '-1' ? -1 : readSize(text, flag);
}

export function readNumber(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw usageFailure(`invalid argument "${text}" for "${flag}" flag: it must be a number`);
  return value;
}

export function readInteger(text: string, flag: string): number {
  const value = readNumber(text, flag);
  if (!Number.isSafeInteger(value))
    throw usageFailure(`invalid argument "${text}" for "${flag}" flag: it must be a whole number`);
  return value;
}

/** Nanoseconds of a Go duration that is not negative. */
export function readDuration(text: string, flag: string): number {
  const duration = parseDuration(text);
  if (duration.error !== undefined)
    throw usageFailure(`invalid argument "${text}" for "${flag}" flag: ${duration.error}`);
  if (duration.nanoseconds < 0) throw usageFailure(`${flag} cannot be negative`);
  return duration.nanoseconds;
}

/** `on-failure:3` and its like (docker/cli: opts/opts.go); the engine checks the name. */
export function readRestart(text: string): RestartPolicy {
  const [name = '', retries, ...rest] = text.split(':');
  if (rest.length > 0) throw usageFailure('invalid restart policy format');
  if (name === '' && retries !== undefined)
    throw usageFailure('invalid restart policy format: no policy provided before colon');
  if (retries !== undefined && !/^-?\d+$/.test(retries))
    throw usageFailure('invalid restart policy format: maximum retry count must be an integer');
  return { name: (name || 'no') as RestartPolicy['name'], maximumRetries: Number(retries ?? 0) };
}

/** `name=value` pairs to an object; a name alone has the empty value. */
export function readPairs(texts: readonly string[], what: string): { [name: string]: string } {
  const pairs: { [name: string]: string } = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name.trim() === '') throw usageFailure(`invalid ${what} '${text}': empty name`);
    pairs[name] = equals < 0 ? '' : text.slice(equals + 1);
  }
  return pairs;
}

/**
 * Environment as docker's client makes it: the files first, then `-e`; `NAME` alone is copied from
 * `environment` when it is set there and left out when not.
 */
export async function environmentOf(options: {
  readonly values: readonly string[];
  readonly files: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}): Promise<string[]> {
  const lines = (await Promise.all(options.files.map(file => readLines(file, 'env file')))).flat();
  return [...lines, ...options.values].flatMap(text => {
    const equals = text.indexOf('=');
    if (equals === 0 || text === '') throw usageFailure(`invalid environment variable: ${text}`);
    if (equals > 0) return [text];
    const inherited = options.environment[text];
    return inherited === undefined ? [] : [`${text}=${inherited}`];
  });
}

export async function readLabels(
  values: readonly string[],
  files: readonly string[],
): Promise<{ [name: string]: string }> {
  const lines = (await Promise.all(files.map(file => readLines(file, 'label file')))).flat();
  return readPairs([...lines, ...values], 'label');
}

/** Lines of an env or label file: a byte order mark, blank lines and lines that begin with `#` are skipped. */
async function readLines(path: string, what: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(resolve(process.cwd(), path), 'utf8');
  } catch (error) {
    throw usageFailure(
      `failed to read the ${what} ${path}: ${error instanceof Error ? error.message : error}`,
    );
  }
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.flatMap((raw, index) => {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) return [];
    const name = line.split('=', 1)[0] as string;
    if (/\s/.test(name.trimEnd()) || name === '')
      throw usageFailure(
        `invalid ${what} ${path}, line ${index + 1}: variable '${name}' contains whitespaces`,
      );
    return [line];
  });
}

/** `name:ip`, `name=ip`, `name=[::1]`, `name:host-gateway` to `name:ip`. */
export function readExtraHost(text: string): string {
  const match = /^([^:=]+)[:=](.+)$/.exec(text);
  const name = match?.[1] ?? '';
  const address = (match?.[2] ?? '').replace(/^\[(.*)\]$/, '$1');
  if (name === '' || address === '') throw usageFailure(`bad format for add-host: "${text}"`);
  if (address !== 'host-gateway' && isIP(address) === 0)
    throw usageFailure(`invalid IP address in add-host: "${address}"`);
  return `${name}:${address}`;
}

export function readAddress(text: string): string {
  if (isIP(text) === 0) throw usageFailure(`IP address is not correctly formatted: ${text}`);
  return text;
}

/** `nofile=1024[:2048]`; -1 is "no limit". */
export function readUlimit(text: string): { name: string; soft: number; hard: number } {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match) throw usageFailure(`invalid ulimit argument: ${text}`);
  const [, name = '', softText = '', hardText = softText] = match;
  const [soft, hard] = [Number(softText), Number(hardText)];
  if (hard !== -1 && (soft > hard || soft === -1))
    throw usageFailure(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { name, soft, hard };
}

/** `container[:alias]`. */
export function readLink(text: string): { container: string; alias: string } {
  const [container = '', alias = container, ...rest] = text.split(':');
  if (container === '' || alias === '' || rest.length > 0)
    throw usageFailure(`bad format for links: ${text}`);
  return { container, alias: alias.replace(/^.*\//, '') };
}
