import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Digest } from '../../server/common/digest.ts';
import { isSampanError } from '../../server/common/errors.ts';
import { parseReference } from '../../server/common/reference.ts';
import { openRepository } from '../../server/engine/image/registry/client.ts';
import { findProgram } from './image-support.ts';
import { freePort, skipWithoutRegistry, startRegistry, type TestRegistry } from './registry-support.ts';
import { sha256 } from './store-support.ts';

const skip = skipWithoutRegistry || (findProgram('openssl') === undefined && 'openssl is not installed');
/** bcrypt of `open:sesame`, as `htpasswd -B` writes it. */
const passwordFile = 'me:$2b$04$abcdefghijklmnopqrstuu2GbQLdjwBFdH8CcOE866nGziodmvO8K';

let folder: string;
let registry: TestRegistry | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sampan-auth-'));
});
afterEach(async () => {
  await registry?.stop();
  registry = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const once1 = { attempts: 1, firstDelayMs: 1, longestDelayMs: 1 };

/** Ask for a manifest that does not exist: `not-found` says that the registry let us in. */
async function ask(address: string, auths: object = {}, variables: object = {}): Promise<void> {
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
  const environment = {
    ...variables,
    PATH: process.env.PATH,
    DOCKER_CONFIG: folder,
    XDG_CONFIG_HOME: join(folder, 'xdg'),
  };
  const client = openRepository(parseReference(`${address}/team/app`), { environment, retry: once1 });
  try {
    await client.manifest('none');
  } finally {
    client.close();
  }
}

const passwordOf = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

/** A key and a certificate for 127.0.0.1, signed by itself. */
function selfSigned(
  name: string,
  subjectAltName = 'IP:127.0.0.1',
): { readonly key: string; readonly certificate: string } {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subjectAltName}`];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    certificate,
  ];
  execFileSync('openssl', [...args, ...subject], { stdio: 'ignore' });
  return { key, certificate };
}

describe('registry with passwords', { skip }, () => {
  beforeEach(async () => {
    await writeFile(join(folder, 'htpasswd'), passwordFile);
    registry = await startRegistry({ auth: `{htpasswd: {realm: r, path: ${folder}/htpasswd}}` });
  });

  test("lets the right one in, from docker's file", async () => {
    const address = registry?.address ?? '';
    await assert.rejects(ask(address, { [address]: passwordOf('me:open:sesame') }), { code: 'not-found' });
  });

  test('refuses none and the wrong one with a hint to log in', async () => {
    const address = registry?.address ?? '';
    await assert.rejects(ask(address), { code: 'unauthorized', hint: new RegExp(`sampan login ${address}`) });
    await assert.rejects(ask(address, { [address]: passwordOf('me:wrong') }), { code: 'unauthorized' });
  });
});

describe('registry with tokens', { skip }, () => {
  let tokens: http.Server;
  let asked: {
    readonly method: string;
    readonly query: URLSearchParams;
    readonly authorization: string | undefined;
  }[];
  let realm: string;
  let identity: ReturnType<typeof selfSigned>;

  beforeEach(async () => {
    asked = [];
    identity = selfSigned('tokens');
    tokens = http.createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const query = new URLSearchParams(request.method === 'POST' ? body : request.url?.split('?')[1]);
      const { authorization } = request.headers;
      asked.push({ method: request.method ?? '', query, authorization });
      const wrong = authorization === `Basic ${passwordOf('me:wrong').auth}`;
      if (wrong) response.writeHead(401).end('{"details":"incorrect username or password"}');
      else response.end(JSON.stringify(answerFor(query)));
    });
    tokens.listen(0, '127.0.0.1');
    await once(tokens, 'listening');
    realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
    registry = await startRegistry({
      auth: `{token: {realm: "${realm}", service: S, issuer: I, rootcertbundle: ${identity.certificate}}}`,
    });
  });
  afterEach(async () => {
    tokens.closeAllConnections();
    tokens.close();
    await once(tokens, 'close');
  });

  /** Everybody may pull, as on a public registry; the key is told as a POST answer does. */
  function answerFor(query: URLSearchParams): object {
    const access = query.getAll('scope').map(scope => {
      const [type, name = '', actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',') };
    });
    const token = sign({ access });
    return query.has('refresh_token') ? { access_token: token, expires_in: 300 } : { token, expires_in: 300 };
  }

  function sign(claims: object): string {
    const pem = readFileSync(identity.certificate, 'latin1');
    const x5c = [pem.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, '')];
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const payload = {
      iss: 'I',
      aud: 'S',
      sub: '',
      iat: now,
      nbf: now - 10,
      exp: now + 300,
      jti: '1',
      ...claims,
    };
    const text = `${part({ typ: 'JWT', alg: 'RS256', x5c })}.${part(payload)}`;
    const signature = createSign('RSA-SHA256').update(text).sign(readFileSync(identity.key));
    return `${text}.${signature.toString('base64url')}`;
  }

  test('is asked without a name when there are no credentials', async () => {
    await assert.rejects(ask(registry?.address ?? ''), { code: 'not-found' });
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.query.get('service'), 'S');
    assert.equal(asked[0]?.query.get('scope'), 'repository:team/app:pull');
    assert.equal(asked[0]?.authorization, undefined);
  });

  test('gives a token for two repositories when one takes a layer over from the other', async () => {
    const address = registry?.address ?? '';
    const content = Buffer.from('a layer');
    const blob = { digest: sha256(content) as Digest, size: content.length };
    const send = async (name: string, from?: string) => {
      const environment = { DOCKER_CONFIG: folder, XDG_CONFIG_HOME: folder };
      const options = { environment, retry: once1, actions: 'pull,push' } as const;
      const client = openRepository(parseReference(`${address}/${name}`), options);
      try {
        return await client.pushBlob(blob, { content: () => Readable.from([content]), from });
      } finally {
        client.close();
      }
    };
    /** The registry names the actions in any order. */
    const askedFor = () => {
      const scopes = asked.at(-1)?.query.getAll('scope') ?? [];
      return scopes.map(scope => scope.split(/[:,]/).toSorted().join(' ')).toSorted();
    };
    assert.equal(await send('team/one'), 'pushed');
    assert.deepEqual(askedFor(), ['pull push repository team/one']);
    assert.equal(await send('team/two', 'team/one'), 'mounted');
    assert.deepEqual(askedFor(), ['pull push repository team/two', 'pull repository team/one']);
  });

  test('gets the password for its token server only', async () => {
    const address = registry?.address ?? '';
    await assert.rejects(ask(address, { [address]: passwordOf('me:secret') }), { code: 'not-found' });
    assert.equal(asked[0]?.authorization, `Basic ${passwordOf('me:secret').auth}`);
    assert.equal(asked[0]?.query.get('account'), 'me');
    await assert.rejects(ask(address, { [address]: passwordOf('me:wrong') }), {
      code: 'unauthorized',
      message: /incorrect username or password/,
    });
  });

  test('takes an identity token as a refresh token', async () => {
    const address = registry?.address ?? '';
    const auths = { [address]: { ...passwordOf('me:'), identitytoken: 'long-lived' } };
    await assert.rejects(ask(address, auths), { code: 'not-found' });
    assert.equal(asked[0]?.method, 'POST');
    assert.equal(asked[0]?.query.get('grant_type'), 'refresh_token');
    assert.equal(asked[0]?.query.get('refresh_token'), 'long-lived');
  });
});

describe('token server elsewhere', () => {
  let server: http.Server;
  before(async () => {
    server = http.createServer((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://elsewhere.example/token"' }).end(),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  test('without TLS never gets a password', async () => {
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assert.rejects(ask(address, { [address]: passwordOf('me:secret') }), {
      code: 'registry-unreachable',
      message: /elsewhere\.example/,
    });
  });
});

describe('registry with TLS', { skip }, () => {
  test('on loopback is taken with any certificate, as docker does', async () => {
    const { key, certificate } = selfSigned('server');
    registry = await startRegistry({ http: `tls: {certificate: ${certificate}, key: ${key}}` });
    await assert.rejects(ask(registry.address), { code: 'not-found' });
  });

  test('that wants a client certificate gets the one of its folder', async () => {
    const { key, certificate } = selfSigned('server');
    const client = selfSigned('client');
    registry = await startRegistry({
      http: `tls: {certificate: ${certificate}, key: ${key}, clientcas: [${client.certificate}]}`,
    });
    await assert.rejects(
      ask(registry.address),
      error => isSampanError(error) && error.code.startsWith('registry-'),
    );
    const place = join(folder, 'certs.d', registry.address);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'client.cert'), readFileSync(client.certificate));
    await writeFile(join(place, 'client.key'), readFileSync(client.key));
    await assert.rejects(ask(registry.address), { code: 'not-found' });
  });

  test('elsewhere, behind a proxy, is trusted only with its CA', async () => {
    const { key, certificate } = selfSigned('server', 'DNS:registry.invalid');
    const started = await startRegistry({ http: `tls: {certificate: ${certificate}, key: ${key}}` });
    registry = started;
    const tunnels: string[] = [];
    const proxy = http.createServer().on('connect', (request, socket) => {
      tunnels.push(`${request.url} ${request.headers['proxy-authorization']}`);
      const [host = '', port] = started.address.split(':');
      const target = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      for (const end of [socket, target]) end.on('error', () => undefined);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const variables = { HTTPS_PROXY: `http://me:secret@127.0.0.1:${port}` };
    try {
      await assert.rejects(ask('registry.invalid', {}, variables), {
        code: 'registry-unreachable',
        message: /TLS failed/,
        hint: /certs\.d\/registry\.invalid\/ca\.crt/,
      });
      const place = join(folder, 'xdg', 'containers', 'certs.d', 'registry.invalid');
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'ca.crt'), readFileSync(certificate));
      await assert.rejects(ask('registry.invalid', {}, variables), { code: 'not-found' });
      const authorization = `Basic ${passwordOf('me:secret').auth}`;
      assert.deepEqual([...new Set(tunnels)], [`registry.invalid:443 ${authorization}`]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
    await assert.rejects(ask('registry.invalid', {}, variables), {
      code: 'registry-unreachable',
      message: new RegExp(`proxy 127\\.0\\.0\\.1:${port}`),
    });
  });

  test('under a name that is none fails at once', async () => {
    const port = await freePort();
    const begun = Date.now();
    await assert.rejects(ask(`registry.invalid:${port}`), { code: 'registry-unreachable', message: /DNS/ });
    assert.ok(Date.now() - begun < 15_000);
  });
});
