import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { findProgram, type SampleImage } from './image-support.ts';
import { sha256 } from './store-support.ts';

export const registryProgram = findProgram('docker-registry');
export const skipWithoutRegistry = registryProgram === undefined && 'docker-registry is not installed';

export interface TestRegistry {
  /** `127.0.0.1:port`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Debian's docker-registry on loopback, plain http unless `config` says otherwise (YAML lines). */
export async function startRegistry(config: { http?: string; auth?: string } = {}): Promise<TestRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-registry-'));
  const port = await freePort();
  const lines = [
    'version: 0.1',
    'log: {level: error, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}}`,
    `http: {addr: "127.0.0.1:${port}", secret: s${config.http ? `, ${config.http}` : ''}}`,
    ...(config.auth ? [`auth: ${config.auth}`] : []),
  ];
  await writeFile(join(folder, 'config.yml'), lines.join('\n'));
  const child = spawn(registryProgram ?? '', ['serve', join(folder, 'config.yml')], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
  });
  await listening(port, child);
  return {
    address: `127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number, child: { readonly exitCode: number | null }): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const connected = await new Promise(resolve => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Push an image as any client does. Layers are gzipped unless `pack` makes something else of them. */
export async function push(
  registry: string,
  {
    name,
    tag,
    image,
    pack = gzipSync,
  }: { name: string; tag: string; image: SampleImage; pack?: (layer: Buffer) => Buffer },
) {
  const layers = image.layers.map(pack);
  for (const blob of [...layers, image.config]) await pushBlob(`http://${registry}/v2/${name}`, blob);
  const descriptor = (mediaType: string, blob: Buffer) => ({
    mediaType,
    digest: sha256(blob),
    size: blob.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: descriptor('application/vnd.oci.image.config.v1+json', image.config),
      layers: layers.map(layer => descriptor('application/vnd.oci.image.layer.v1.tar+gzip', layer)),
    }),
  );
  await pushManifest(registry, { name, reference: tag, manifest, type: manifestType });
  return { digest: sha256(manifest), size: manifest.length, layers };
}

export async function pushManifest(
  registry: string,
  to: { name: string; reference: string; manifest: Buffer; type: string },
): Promise<void> {
  const response = await fetch(`http://${registry}/v2/${to.name}/manifests/${to.reference}`, {
    method: 'PUT',
    headers: { 'content-type': to.type },
    body: new Uint8Array(to.manifest),
  });
  if (response.status !== 201)
    throw new Error(`push of manifest: ${response.status} ${await response.text()}`);
}

async function pushBlob(repository: string, blob: Buffer): Promise<void> {
  const started = await fetch(`${repository}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(started.headers.get('location') ?? '', repository);
  location.searchParams.set('digest', sha256(blob));
  const headers = { 'content-type': 'application/octet-stream' };
  const stored = await fetch(location, { method: 'PUT', headers, body: new Uint8Array(blob) });
  if (stored.status !== 201) throw new Error(`push of blob: ${stored.status} ${await stored.text()}`);
}

/** What a {@link FaultProxy} does to one answer. */
export interface Fault {
  /** Answer with this status instead. */
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Break the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Send so many bytes of the body and nothing more, until the client leaves. */
  readonly stallAfter?: number;
  /** Change one bit of this byte of the body. */
  readonly flipAt?: number;
  /** Break the connection after so many bytes of what the client sends. */
  readonly cutRequestAfter?: number;
  /** Hide the Range header from the registry. */
  readonly stripRange?: boolean;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface FaultProxy {
  readonly address: string;
  readonly seen: SeenRequest[];
  /** Decides for each request, in order; undefined passes it on untouched. */
  faultOf: (request: SeenRequest) => Fault | undefined;
  stop(): Promise<void>;
}

/** A reverse proxy before a registry that breaks what it is told to. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const server = http.createServer((request, response) => {
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      range: request.headers.range,
      authorization: request.headers.authorization,
    };
    proxy.seen.push(seen);
    forward({ request, response, target, fault: proxy.faultOf(seen) ?? {} }).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: FaultProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    faultOf: () => undefined,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

async function forward(to: {
  request: http.IncomingMessage;
  response: http.ServerResponse;
  target: string;
  fault: Fault;
}): Promise<void> {
  const { request, response, fault } = to;
  if (fault.status !== undefined) {
    response.writeHead(fault.status, fault.headers).end(fault.body);
    return;
  }
  const headers: http.OutgoingHttpHeaders = { ...request.headers };
  if (fault.stripRange) delete headers.range;
  const upstream = http.request(`http://${to.target}${request.url}`, {
    method: request.method,
    headers,
    agent: false,
  });
  if (fault.cutRequestAfter !== undefined) {
    let received = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > fault.cutRequestAfter) break;
    }
    upstream.on('error', () => undefined).destroy();
    response.destroy();
    return;
  }
  request.pipe(upstream);
  const [answer] = (await once(upstream, 'response')) as [http.IncomingMessage];
  response.writeHead(answer.statusCode ?? 500, answer.headers);
  response.flushHeaders();
  let sent = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (fault.cutAfter !== undefined && sent + chunk.length > fault.cutAfter) {
      response.write(chunk.subarray(0, fault.cutAfter - sent), () => response.destroy());
      return;
    }
    if (fault.stallAfter !== undefined && sent + chunk.length > fault.stallAfter) {
      response.write(chunk.subarray(0, fault.stallAfter - sent));
      answer.destroy();
      return;
    }
    const flip = (fault.flipAt ?? -1) - sent;
    if (flip >= 0 && flip < chunk.length) chunk[flip] = (chunk[flip] ?? 0) ^ 1;
    sent += chunk.length;
    if (!response.write(chunk)) await once(response, 'drain');
  }
  response.end();
}
