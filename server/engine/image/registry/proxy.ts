import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { isLoopback } from './hosts.ts';

/**
 * The proxy for a URL, from HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case, by the rules of Go's
 * net/http (golang.org/x/net/http/httpproxy), which docker and podman follow: loopback never goes through
 * one; NO_PROXY lists hosts, domains, `host:port` and `*`.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  if (isLoopback(url.host) || isExempt(url, variable(environment, 'no_proxy'))) return undefined;
  const text = variable(environment, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (text === '') return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(full) ? new URL(full) : undefined;
}

/** The `Proxy-Authorization` header for a proxy whose URL holds a name and password. */
export function proxyHeaders(proxy: URL): { readonly [name: string]: string } {
  if (proxy.username === '') return {};
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}

/** Keeps TLS connections that were made through a proxy with CONNECT (RFC 9110 9.3.6). */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const target = `${options.host}:${options.port ?? 443}`;
    openTunnel(this.#proxy, target).then(
      socket => callback?.(null, tls.connect({ ...(options as tls.ConnectionOptions), socket })),
      // The type asks for a stream that a failure does not have.
      error => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

function openTunnel(proxy: URL, target: string): Promise<Duplex> {
  const { request: start } = proxy.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const headers = { host: target, ...proxyHeaders(proxy) };
    const asked = start({
      host: proxy.hostname,
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers,
      agent: false,
    });
    asked.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answered with status ${answer.statusCode}`));
    });
    asked.once('error', error =>
      reject(
        Object.assign(new Error(`the proxy ${proxy.host} cannot be reached (${error.message})`), {
          cause: error,
        }),
      ),
    );
    asked.end();
  });
}

function variable(environment: NodeJS.ProcessEnv, name: string): string {
  return environment[name] || environment[name.toUpperCase()] || '';
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list.split(',').some(entry => {
    const rule = entry.trim().toLowerCase();
    if (rule === '') return false;
    if (rule === '*') return true;
    const [, name = rule, rulePort] = /^(.*?)(?::(\d+))?$/.exec(rule) ?? [];
    if (rulePort !== undefined && rulePort !== port) return false;
    const domain = name.replace(/^\*?\.?/, '');
    // `.example.com` means what is below it only; `example.com` also itself.
    return host.endsWith(`.${domain}`) || (host === domain && !name.startsWith('.'));
  });
}
