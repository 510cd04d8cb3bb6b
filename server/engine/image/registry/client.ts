import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../../../common/digest.ts';
import { isSampanError, SampanError } from '../../../common/errors.ts';
import type { Reference } from '../../../common/reference.ts';
import { manifestMax } from '../manifest.ts';
import { acceptedManifests } from '../media-types.ts';
import type { Descriptor } from '../types.ts';
import { parseChallenge } from './challenge.ts';
import { type Credentials, type FoundCredentials, findCredentials } from './credentials.ts';
import { isTransient, parseAnswer, refusal } from './failures.ts';
import { registryHost } from './hosts.ts';
import { defaultRetry, parseRetryAfter, RetryAfter, type RetryPolicy, retrying } from './retry.ts';
import { openAuthorizer, readText } from './tokens.ts';
import {
  type HttpRequest,
  type HttpResponse,
  openTransport,
  redirected,
  type Timeouts,
} from './transport.ts';

export interface FetchedManifest {
  readonly content: Buffer;
  /** `Content-Type` of the answer. */
  readonly mediaType: string | undefined;
  /** Of the content, and what was asked for if that was a digest. */
  readonly digest: Digest;
}

export interface BlobStream {
  /** Byte that the stream begins at: the one asked for, or 0 from a registry that ignores ranges. */
  readonly start: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** One repository of a registry, over the distribution API v2. All failures are typed and name the host. */
export interface RepositoryClient {
  /** The digest that a tag has now, by HEAD; undefined when the registry does not tell. */
  digestOf(tagOrDigest: string): Promise<Digest | undefined>;
  /** Throws `not-found`, `unauthorized`, `registry-refused`, `registry-unreachable`, `image-invalid` (wrong digest). */
  manifest(tagOrDigest: string): Promise<FetchedManifest>;
  /** The tags of the repository, as far as `limit` of them, in the registry's order. */
  tags(limit: number): Promise<readonly string[]>;
  /** Bytes of a blob from `start` on. Not verified and not retried: the caller does both. */
  blob(
    digest: Digest,
    options: { readonly start: number; readonly signal: AbortSignal | undefined },
  ): Promise<BlobStream>;
  /** Whether the repository has the blob. */
  hasBlob(digest: Digest): Promise<boolean>;
  /**
   * Upload a blob, unless the registry can take it over from its repository `from` (distribution-spec, "Mounting a blob
   * from another repository"). A broken upload begins anew. Throws what `content` throws, and as {@link manifest}.
   */
  pushBlob(
    blob: Pick<Descriptor, 'digest' | 'size'>,
    options: {
      readonly content: () => AsyncIterable<Uint8Array>;
      readonly from?: string | undefined;
      /** Bytes sent. */
      readonly onProgress?: ((current: number) => void) | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<'pushed' | 'mounted'>;
  /** Upload a manifest or index under a tag or its digest. Throws as {@link manifest}. */
  pushManifest(
    tagOrDigest: string,
    manifest: { readonly mediaType: string; readonly content: Uint8Array },
  ): Promise<void>;
  /** Ask whether the registry lets us in at all (distribution-spec, "Determining Support"). Throws as {@link manifest}. */
  ping(): Promise<void>;
  readonly retry: RetryPolicy;
  close(): void;
}

export interface ClientOptions {
  /** What the token is for; `pull` unless said otherwise. */
  readonly actions?: 'pull' | 'pull,push' | 'none';
  /** Instead of those that the user's files have. */
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly timeouts?: Timeouts | undefined;
  readonly retry?: RetryPolicy | undefined;
}

/** A registry may move a large blob to where it keeps it before it answers. */
const commitMs = 300_000;

/** Open the repository of a reference. Nothing is sent yet. */
export function openRepository(
  { domain, path }: Pick<Reference, 'domain' | 'path'>,
  options: ClientOptions,
): RepositoryClient {
  const { signal, environment, retry = defaultRetry, actions = 'pull' } = options;
  const host = registryHost(domain);
  const transport = openTransport(environment, options.timeouts);
  let found: Promise<FoundCredentials> | undefined;
  const credentials = () => {
    found ??= options.credentials
      ? Promise.resolve({ credentials: options.credentials, problem: undefined })
      : findCredentials({ domain, path }, environment);
    return found;
  };
  const scope = actions === 'none' ? '' : `repository:${path}:${actions}`;
  const authorizer = openAuthorizer({ transport, host, scope, credentials });
  let scheme: 'https' | 'http' = 'https';

  /** An answer of 2xx; all else is a failure about `what`. */
  async function ask({ what, ...request }: Question): Promise<HttpResponse> {
    const signal = request.signal ?? options.signal;
    let authorization = authorizer.known();
    for (let asked = false; ; asked = true) {
      const headers = { ...request.headers, 'user-agent': 'sampan', ...(authorization && { authorization }) };
      const response = await sendWithScheme({ ...request, headers, signal });
      if (response.status >= 200 && response.status < 300) return response;
      const challenge =
        response.status === 401 ? parseChallenge(response.headers['www-authenticate']) : undefined;
      if (challenge !== undefined && !asked) {
        response.discard();
        authorization = await authorizer.answer(challenge, { refused: authorization, signal });
        if (authorization !== undefined) continue;
      }
      const isWrite = request.method === 'POST' || request.method === 'PUT';
      throw await failureOf(response, { what, isWrite });
    }
  }

  async function sendWithScheme({
    place,
    ...request
  }: Omit<HttpRequest, 'url'> & Pick<Question, 'place'>): Promise<HttpResponse> {
    const send = (used: typeof scheme) => {
      const base = new URL(`${used}://${host.address}/v2/${path}/`);
      const url = new URL(place, base);
      const here = { ...request, url: base };
      return transport.send(url.origin === base.origin ? { ...here, url } : redirected(here, url));
    };
    const tried = scheme;
    try {
      return await send(tried);
    } catch (error) {
      if (tried === 'http' || !host.loopback || !speaksPlainHttp(error)) throw error;
      scheme = 'http';
      return send(scheme);
    }
  }

  async function failureOf(
    response: HttpResponse,
    { what, isWrite }: { readonly what: string; readonly isWrite: boolean },
  ): Promise<Error> {
    const answer = parseAnswer(response.status, await readText(response.body).catch(() => ''));
    const { problem } = response.status === 401 ? await credentials() : { problem: undefined };
    const failure = refusal(answer, { what, host: domain, isWrite, note: problem });
    const delay = parseRetryAfter(response.headers['retry-after'], Date.now());
    return delay !== undefined && isTransient(failure) ? new RetryAfter(failure, delay) : failure;
  }

  const nameOf = (tagOrDigest: string) => `${path}${tagOrDigest.includes(':') ? '@' : ':'}${tagOrDigest}`;
  const accept = acceptedManifests.join(', ');

  return {
    retry,
    digestOf: tagOrDigest =>
      retrying(
        async () => {
          const what = nameOf(tagOrDigest);
          const place = `manifests/${tagOrDigest}`;
          const response = await ask({ method: 'HEAD', place, headers: { accept }, what });
          response.discard();
          return digestHeader(response);
        },
        { policy: retry, signal },
      ),
    manifest: tagOrDigest =>
      retrying(
        async () => {
          const what = nameOf(tagOrDigest);
          const place = `manifests/${tagOrDigest}`;
          const response = await ask({ method: 'GET', place, headers: { accept }, what });
          const content = await readLimited(response.body, what);
          return verified({ content, response, tagOrDigest, what });
        },
        { policy: retry, signal },
      ),
    async tags(limit) {
      const tags: string[] = [];
      const what = `the tags of ${path}`;
      for (let place: string | undefined = 'tags/list?n=1000'; place !== undefined && tags.length < limit; ) {
        const response = await ask({ method: 'GET', place, what });
        tags.push(...readTags(await readLimited(response.body, what), what));
        place = nextPage(response, path);
      }
      return tags.slice(0, limit);
    },
    async blob(digest, { start, signal }) {
      const range = start > 0 ? { headers: { range: `bytes=${start}-` } } : {};
      const what = `the layer ${digest} of ${path}`;
      const response = await ask({ method: 'GET', place: `blobs/${digest}`, ...range, what, signal });
      return { start: response.status === 206 ? rangeStart(response, start) : 0, body: response.body };
    },
    hasBlob: digest =>
      retrying(
        async () => {
          try {
            const what = `the layer ${digest} of ${path}`;
            (await ask({ method: 'HEAD', place: `blobs/${digest}`, what })).discard();
            return true;
          } catch (error) {
            if (isSampanError(error, 'not-found')) return false;
            throw error;
          }
        },
        { policy: retry, signal },
      ),
    pushBlob(blob, upload) {
      let sent = 0;
      const what = `the upload of ${blob.digest} to ${path}`;
      return retrying(
        async () => {
          const place = await startUpload(blob.digest, { from: upload.from, what, signal: upload.signal });
          if (place === undefined) return 'mounted';
          const response = await ask({
            method: 'PUT',
            place,
            headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
            body: () =>
              counted(upload.content(), current => {
                sent = Math.max(sent, current);
                upload.onProgress?.(current);
              }),
            commitMs,
            what,
            signal: upload.signal,
          });
          response.discard();
          return 'pushed';
        },
        { policy: retry, signal: upload.signal ?? signal, progress: () => sent },
      );
    },
    pushManifest: (tagOrDigest, { mediaType, content }) =>
      retrying(
        async () => {
          const what = nameOf(tagOrDigest);
          const headers = { 'content-type': mediaType, 'content-length': String(content.length) };
          const place = `manifests/${tagOrDigest}`;
          const response = await ask({
            method: 'PUT',
            place,
            headers,
            body: content,
            commitMs,
            what,
          });
          response.discard();
          verified({ content: Buffer.from(content), response, tagOrDigest, what });
        },
        { policy: retry, signal },
      ),
    ping: () =>
      retrying(
        async () => {
          (await ask({ method: 'GET', place: '/v2/', what: `what ${domain} has` })).discard();
        },
        { policy: retry, signal },
      ),
    close: transport.close,
  };

  /** Where the bytes of a blob go; undefined when the registry took it over from the repository `from`. */
  async function startUpload(
    digest: Digest,
    { from, ...rest }: Pick<Question, 'what' | 'signal'> & { readonly from: string | undefined },
  ): Promise<string | undefined> {
    const mount = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from })}`;
    const headers = { 'content-length': '0' };
    const response = await ask({ method: 'POST', place: `blobs/uploads/${mount}`, headers, ...rest });
    response.discard();
    if (response.status === 201) return undefined;
    const place = new URL(response.headers.location ?? '', response.url);
    place.searchParams.set('digest', digest);
    return place.href;
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onProgress: (current: number) => void,
): AsyncIterable<Uint8Array> {
  let current = 0;
  for await (const chunk of source) {
    yield chunk;
    current += chunk.length;
    onProgress(current);
  }
}

/** One request to the repository. */
interface Question extends Pick<HttpRequest, 'method' | 'body' | 'commitMs' | 'signal'> {
  /** Within the repository (`manifests/latest`), or a whole address that the registry gave. */
  readonly place: string;
  readonly headers?: { readonly [name: string]: string };
  /** For the message of a failure. */
  readonly what: string;
}

/** The names in an answer of `tags/list` (distribution-spec, "Listing Tags"); a repository without tags says null. */
function readTags(content: Buffer, what: string): string[] {
  let tags: unknown;
  try {
    tags = JSON.parse(content.toString()).tags ?? [];
  } catch {
    tags = undefined;
  }
  if (Array.isArray(tags)) return tags.filter(tag => typeof tag === 'string');
  throw new SampanError('image-invalid', `The registry's answer to ${what} is no list of tags.`);
}

/** Where the next page is, from `Link: </v2/<name>/tags/list?…>; rel="next"`; pages elsewhere are not followed. */
function nextPage(response: HttpResponse, path: string): string | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(response.headers.link ?? ''))?.[1];
  const place = link?.slice(link.indexOf(`/v2/${path}/`) + `/v2/${path}/`.length);
  return link?.includes(`/v2/${path}/`) && place?.startsWith('tags/list?') ? place : undefined;
}

/** Errors of a TLS handshake with a server that does not speak TLS. */
function speaksPlainHttp(error: unknown): boolean {
  if (!(error instanceof SampanError)) return false;
  const errors = ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'];
  return errors.includes(String(error.detail.errno));
}

function digestHeader(response: HttpResponse): Digest | undefined {
  const value = String(response.headers['docker-content-digest'] ?? '');
  return /^sha256:[0-9a-f]{64}$/.test(value) ? (value as Digest) : undefined;
}

function verified(got: {
  readonly content: Buffer;
  readonly response: HttpResponse;
  readonly tagOrDigest: string;
  readonly what: string;
}): FetchedManifest {
  const digest = digestFromHex(createHash('sha256').update(got.content).digest('hex'));
  const promised = got.tagOrDigest.includes(':') ? got.tagOrDigest : digestHeader(got.response);
  if (promised !== undefined && promised !== digest) {
    throw new SampanError(
      'image-invalid',
      `The manifest of ${got.what} is damaged: its digest is ${digest} where ${promised} was promised.`,
      { hint: 'Try again; when it happens again, the registry or a proxy before it changes data.' },
    );
  }
  return { content: got.content, mediaType: got.response.headers['content-type'], digest };
}

async function readLimited(body: AsyncIterable<Uint8Array>, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > manifestMax) {
      throw new SampanError('image-invalid', `The answer about ${what} is longer than ${manifestMax} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function rangeStart(response: HttpResponse, asked: number): number {
  const match = /^bytes (\d+)-/.exec(String(response.headers['content-range'] ?? ''));
  return match === null ? asked : Number(match[1]);
}
