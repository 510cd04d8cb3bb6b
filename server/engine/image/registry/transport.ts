import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { certificateFolders, loadCertificates } from './certificates.ts';
import { connectTimeout, unreachable } from './failures.ts';
import { isLoopback } from './hosts.ts';
import { proxyFor, proxyHeaders, TunnelAgent } from './proxy.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: { readonly [name: string]: string };
  /** A stream is opened anew each time that the request is sent; its length goes into `content-length`. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined;
  /** Instead of {@link Timeouts.idleMs} once all is sent: the server has work to do before it answers. */
  readonly commitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Reading it slowly slows the sender down. Read it, or call `discard`. */
  readonly body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/** HTTP as registries need it: connections kept open, certificates per host, timeouts, redirects. */
export interface Transport {
  /**
   * Send a request. Follows redirects of GET and HEAD; another host never sees `Authorization`.
   * Throws `registry-unreachable` (also while the body is read).
   */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

export interface Timeouts {
  /** Until the connection stands, name look-up and TLS included. */
  readonly connectMs: number;
  /** Without a single byte. */
  readonly idleMs: number;
}

export const defaultTimeouts: Timeouts = { connectMs: 10_000, idleMs: 30_000 };

const redirects = new Set([301, 302, 303, 307, 308]);
const redirectMax = 5;

export function openTransport(
  environment: NodeJS.ProcessEnv,
  timeouts: Timeouts = defaultTimeouts,
): Transport {
  const agents = new Map<string, Promise<http.Agent>>();

  function agentOf(url: URL): Promise<http.Agent> {
    const known = agents.get(url.origin);
    if (known !== undefined) return known;
    const agent = openAgent(url, environment);
    agents.set(url.origin, agent);
    return agent;
  }

  async function send(request: HttpRequest): Promise<HttpResponse> {
    let current = request;
    for (let hops = 0; ; hops += 1) {
      const agent = await agentOf(current.url);
      const response = await sendOnce(current, {
        agent,
        timeouts,
        target: targetOf(current.url, environment),
      });
      const location = response.headers.location;
      const follow = redirects.has(response.status) && location !== undefined && isSafe(request.method);
      if (!follow || hops === redirectMax) return response;
      response.discard();
      current = redirected(current, new URL(location, current.url));
    }
  }

  return {
    send,
    close() {
      for (const agent of agents.values())
        agent.then(
          one => one.destroy(),
          () => undefined,
        );
    },
  };
}

/** RFC 9110 9.2.1: sending it again elsewhere changes nothing. */
function isSafe(method: HttpRequest['method']): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Credentials are for the host that asked for them. Exported for its test. */
export function redirected(request: HttpRequest, url: URL): HttpRequest {
  if (request.url.protocol === 'https:' && url.protocol === 'http:' && !isLoopback(url.host)) {
    throw unreachable(request.url.host, new Error(`it redirects to ${url.host} without TLS`));
  }
  if (url.origin === request.url.origin) return { ...request, url };
  const headers = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  return { ...request, url, headers: Object.fromEntries(headers) };
}

async function openAgent(url: URL, environment: NodeJS.ProcessEnv): Promise<http.Agent> {
  if (url.protocol === 'http:') return new http.Agent({ keepAlive: true });
  const { ca, ...client } = await loadCertificates(url.host, certificateFolders(environment));
  const secure = { keepAlive: true, ca: [...ca], ...client, rejectUnauthorized: !isLoopback(url.host) };
  const proxy = proxyFor(url, environment);
  return proxy === undefined ? new https.Agent(secure) : new TunnelAgent(proxy, secure);
}

/** Plain http goes to a proxy with the whole URL as its path (RFC 9112 3.2.2); https has a tunnel instead. */
function targetOf(url: URL, environment: NodeJS.ProcessEnv): http.RequestOptions {
  const proxy = url.protocol === 'http:' ? proxyFor(url, environment) : undefined;
  if (proxy === undefined) return {};
  const headers = { host: url.host, ...proxyHeaders(proxy) };
  return { host: proxy.hostname, port: proxy.port || 80, path: url.href, headers };
}

function sendOnce(
  request: HttpRequest,
  {
    agent,
    timeouts,
    target,
  }: {
    readonly agent: http.Agent;
    readonly timeouts: Timeouts;
    readonly target: http.RequestOptions;
  },
): Promise<HttpResponse> {
  const { url, method, signal } = request;
  const headers = { ...request.headers, ...target.headers };
  const { request: start } = url.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const sent = start(url, {
      ...target,
      method,
      headers,
      agent,
      ...(signal === undefined ? {} : { signal }),
    });
    const fail = (error: unknown) => reject(signal?.aborted ? error : unreachable(url.host, error));
    const connect = setTimeout(() => sent.destroy(timedOut(connectTimeout)), timeouts.connectMs);
    sent.once('socket', socket => {
      const connected = () => clearTimeout(connect);
      if (!socket.connecting) connected();
      else socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', connected);
    });
    let answer: http.IncomingMessage | undefined;
    sent.setTimeout(timeouts.idleMs, () => (answer ?? sent).destroy(timedOut('ETIMEDOUT')));
    if (request.commitMs !== undefined) sent.once('finish', () => sent.setTimeout(request.commitMs ?? 0));
    sent.once('close', () => clearTimeout(connect));
    sent.once('error', fail);
    sent.once('response', message => {
      answer = message;
      sent.off('error', fail);
      // A broken connection shows in the body; unread, it must not end the process.
      sent.on('error', () => undefined);
      // Answered before it had all: the rest would only be thrown away there.
      if (!sent.writableEnded) message.once('close', () => sent.destroy());
      resolve(responseOf(message, { url, signal }));
    });
    if (typeof request.body === 'function') sendStream(request.body(), sent);
    else sent.end(request.body);
  });
}

/** A source that fails breaks the request off; a request that breaks off ends the source. */
function sendStream(body: AsyncIterable<Uint8Array>, sent: http.ClientRequest): void {
  const source = Readable.from(body, { objectMode: false });
  source.once('error', error => sent.destroy(error));
  sent.once('close', () => source.destroy());
  sent.once('response', () => source.unpipe(sent));
  source.pipe(sent);
}

function responseOf(
  message: http.IncomingMessage,
  { url, signal }: { readonly url: URL; readonly signal: AbortSignal | undefined },
): HttpResponse {
  async function* body(): AsyncIterable<Uint8Array> {
    try {
      yield* message;
    } catch (error) {
      throw signal?.aborted ? error : unreachable(url.host, error);
    }
  }
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    url,
    body: body(),
    discard: () => message.resume(),
  };
}

function timedOut(code: string): Error {
  return Object.assign(new Error('timed out'), { code });
}
