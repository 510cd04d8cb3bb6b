import { parseBoolean } from '../instructions/literals.ts';

/** What `# check=` says: which rules apply, and whether a warning fails the build. */
export interface LintConfiguration {
  readonly skip: 'all' | ReadonlySet<string>;
  readonly experimental: 'all' | ReadonlySet<string>;
  readonly error: boolean;
}

/** The configuration, or what is wrong with its text. */
export type ReadConfiguration =
  | { readonly configuration: LintConfiguration; readonly problem?: undefined }
  | { readonly configuration?: undefined; readonly problem: string };

export const defaultConfiguration: LintConfiguration = {
  skip: new Set(),
  experimental: new Set(),
  error: false,
};

/** Reads the value of a check directive: `skip=A,B;error=true;experimental=all`. What follows a blank is ignored. */
export function readConfiguration(value: string): ReadConfiguration {
  const text = value.split(' ')[0] ?? '';
  let configuration = defaultConfiguration;
  if (text === '') return { configuration };
  for (const part of splitOptions(text)) {
    const equals = part.indexOf('=');
    if (equals < 0) return { problem: `invalid check option ${JSON.stringify(part)}` };
    const key = part.slice(0, equals).trim();
    const setting = part.slice(equals + 1).trim();
    if (key === 'skip' || key === 'experimental') {
      configuration = { ...configuration, [key]: readNames(setting) };
    } else if (key === 'error') {
      const error = parseBoolean(setting);
      if (error === undefined) return { problem: `failed to parse check option ${JSON.stringify(part)}` };
      configuration = { ...configuration, error };
    } else {
      return { problem: `invalid check option ${JSON.stringify(key)}` };
    }
  }
  return { configuration };
}

/** `configuration` with what the comments above an instruction add; the first `check=` among them counts. */
export function withComments(
  configuration: LintConfiguration,
  comments: readonly string[],
): LintConfiguration {
  for (const comment of comments) {
    const value = /^check\s*=\s*(\S.*?)\s*$/i.exec(comment)?.[1];
    if (value === undefined) continue;
    const own = readConfiguration(value).configuration;
    return own ? merge(configuration, own) : configuration;
  }
  return configuration;
}

function splitOptions(text: string): string[] {
  const [first = '', second, ...rest] = text.split(';');
  return [first, ...(second === undefined ? [] : [second]), ...(rest.length > 0 ? [rest.join(';')] : [])];
}

function readNames(text: string): 'all' | Set<string> {
  return text === 'all' ? 'all' : new Set(text.split(',').map(name => name.trim()));
}

function merge(base: LintConfiguration, own: LintConfiguration): LintConfiguration {
  return {
    skip: union(base.skip, own.skip),
    experimental: union(base.experimental, own.experimental),
    error: base.error,
  };
}

function union(
  left: 'all' | ReadonlySet<string>,
  right: 'all' | ReadonlySet<string>,
): 'all' | ReadonlySet<string> {
  return left === 'all' || right === 'all' ? 'all' : new Set([...left, ...right]);
}
