/** What a registry wants to see before it answers: RFC 7235 `WWW-Authenticate`, docker's token authentication. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

const challengeStart = /(?:^|,)\s*(basic|bearer)(?=\s|,|$)/gi;
const parameter = /([a-z][a-z0-9_-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** The first usable challenge, Bearer before Basic; undefined when there is none. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const found: Challenge[] = [];
  const starts = [...(header ?? '').matchAll(challengeStart)];
  for (const [index, start] of starts.entries()) {
    const parameters = header?.slice(start.index + start[0].length, starts[index + 1]?.index) ?? '';
    const challenge = challengeOf(start[1]?.toLowerCase(), readParameters(parameters));
    if (challenge !== undefined) found.push(challenge);
  }
  return found.find(one => one.scheme === 'bearer') ?? found[0];
}

function challengeOf(
  scheme: string | undefined,
  parameters: ReadonlyMap<string, string>,
): Challenge | undefined {
  if (scheme === 'basic') return { scheme };
  const realm = parameters.get('realm');
  if (scheme !== 'bearer' || realm === undefined) return undefined;
  return { scheme, realm, service: parameters.get('service'), scope: parameters.get('scope') };
}

function readParameters(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(parameter)) {
    found.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return found;
}
