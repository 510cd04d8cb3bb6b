import { SampanError } from '../../../common/errors.ts';
import type { Challenge } from './challenge.ts';
import type { Credentials, FoundCredentials } from './credentials.ts';
import { parseAnswer, refusal, unreachable } from './failures.ts';
import { isLoopback, type RegistryHost } from './hosts.ts';
import type { Transport } from './transport.ts';

/** Makes the `Authorization` header that a challenge asks for. */
export interface Authorizer {
  /** The header to send at once, known from an earlier challenge; undefined for none. */
  known(): string | undefined;
  /** The header for this challenge. Undefined when there is nothing new to try. Throws `unauthorized`, `registry-refused`. */
  answer(
    challenge: Challenge,
    options: { readonly refused: string | undefined; readonly signal: AbortSignal | undefined },
  ): Promise<string | undefined>;
}

const clientId = 'sampan';
/** docker's rule for a token server that does not tell (distribution: docs/spec/auth/token.md). */
const defaultLifetimeSeconds = 60;
/** A token that ends sooner than this is not worth sending. */
const marginMs = 5_000;

/** Authorization for one repository of a registry (docker's token authentication, or Basic). */
export function openAuthorizer(options: {
  readonly transport: Transport;
  readonly host: RegistryHost;
  /** `repository:library/busybox:pull`, for when the challenge names none; empty for a token that opens nothing. */
  readonly scope: string;
  readonly credentials: () => Promise<FoundCredentials>;
}): Authorizer {
  let header: { readonly value: string; readonly until: number } | undefined;
  let asking: Promise<string | undefined> | undefined;

  async function ask(challenge: Challenge, signal: AbortSignal | undefined): Promise<string | undefined> {
    const { credentials } = await options.credentials();
    if (challenge.scheme === 'basic') {
      const value = basicHeader(credentials);
      if (value !== undefined) header = { value, until: Number.POSITIVE_INFINITY };
      return value;
    }
    const token = await fetchToken(options, { challenge, credentials, signal });
    header = { value: `Bearer ${token.value}`, until: Date.now() + token.lifetimeMs };
    return header.value;
  }

  return {
    known: () => (header !== undefined && header.until > Date.now() + marginMs ? header.value : undefined),
    async answer(challenge, { refused, signal }) {
      // Parallel downloads share one question.
      asking ??= ask(challenge, signal).finally(() => {
        asking = undefined;
      });
      const value = await asking;
      // The same password again would be refused again.
      return value === refused ? undefined : value;
    },
  };
}

async function fetchToken(
  { transport, host, scope }: Parameters<typeof openAuthorizer>[0],
  asked: {
    readonly challenge: Extract<Challenge, { scheme: 'bearer' }>;
    readonly credentials: Credentials | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly value: string; readonly lifetimeMs: number }> {
  const url = realmUrl(asked.challenge.realm, host);
  const query = new URLSearchParams();
  if (asked.challenge.service !== undefined) query.set('service', asked.challenge.service);
  // One challenge may name several repositories; each is a parameter of its own (distribution: docs/spec/auth/token.md).
  for (const one of (asked.challenge.scope ?? scope).split(' ')) if (one !== '') query.append('scope', one);
  const request = tokenRequest(url, { query, credentials: asked.credentials });
  const response = await transport.send({ ...request, signal: asked.signal });
  const body = await readText(response.body);
  if (response.status !== 200) {
    const answer = parseAnswer(response.status, body);
    const what = scope === '' ? 'a token' : `a token for ${scope.split(':')[1]}`;
    throw refusal(answer, { what, host: host.domain });
  }
  return readToken(body, host);
}

function tokenRequest(
  url: URL,
  { query, credentials }: { readonly query: URLSearchParams; readonly credentials: Credentials | undefined },
) {
  if (credentials?.kind === 'identity-token') {
    query.set('grant_type', 'refresh_token');
    query.set('client_id', clientId);
    query.set('refresh_token', credentials.token);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST' as const, url, headers, body: query.toString() };
  }
  const authorization = basicHeader(credentials);
  if (credentials !== undefined) query.set('account', credentials.username);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return { method: 'GET' as const, url, headers: authorization === undefined ? {} : { authorization } };
}

function readToken(
  body: string,
  host: RegistryHost,
): { readonly value: string; readonly lifetimeMs: number } {
  try {
    const parsed = JSON.parse(body) as { token?: unknown; access_token?: unknown; expires_in?: unknown };
    const value = parsed.token ?? parsed.access_token;
    if (typeof value === 'string' && value !== '') {
      const seconds = typeof parsed.expires_in === 'number' ? parsed.expires_in : defaultLifetimeSeconds;
      return { value, lifetimeMs: seconds * 1000 };
    }
  } catch {
    // Told below: the answer is not what the protocol says.
  }
  throw new SampanError('registry-refused', `The token server of ${host.domain} answered without a token.`, {
    hint: 'Try again later; when it happens again, tell the people who run the registry.',
    detail: { host: host.domain },
  });
}

/** Passwords go to the realm, so it must be as safe as the registry: https, or on this machine. */
function realmUrl(realm: string, host: RegistryHost): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === 'https:') return url;
  if (url?.protocol === 'http:' && isLoopback(url.host)) return url;
  throw unreachable(host.domain, new Error(`its token server "${realm}" has no https address`));
}

function basicHeader(credentials: Credentials | undefined): string | undefined {
  if (credentials?.kind !== 'password') return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

/** At most 1 MiB: tokens and errors are small. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > 1024 * 1024) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
