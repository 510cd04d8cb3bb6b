import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadCertificates } from '../../server/engine/image/registry/certificates.ts';
import { parseChallenge } from '../../server/engine/image/registry/challenge.ts';
import { credentialKeys, findCredentials } from '../../server/engine/image/registry/credentials.ts';
import {
  connectTimeout,
  isTransient,
  parseAnswer,
  refusal,
  unreachable,
} from '../../server/engine/image/registry/failures.ts';
import { isLoopback, registryHost } from '../../server/engine/image/registry/hosts.ts';
import { proxyFor, proxyHeaders } from '../../server/engine/image/registry/proxy.ts';
import { parseRetryAfter, RetryAfter, retrying } from '../../server/engine/image/registry/retry.ts';
import { redirected } from '../../server/engine/image/registry/transport.ts';

describe('registry challenge', () => {
  test('bearer is read with its parameters, quoted or not', () => {
    assert.deepEqual(
      parseChallenge('Bearer realm="https://a/t?x=1,2",service=s,scope="repository:a/b:pull,push"'),
      {
        scheme: 'bearer',
        realm: 'https://a/t?x=1,2',
        service: 's',
        scope: 'repository:a/b:pull,push',
      },
    );
  });

  test('bearer wins over basic, and others are passed over', () => {
    assert.equal(parseChallenge('Basic realm="r", Bearer realm="https://a"')?.scheme, 'bearer');
    assert.deepEqual(parseChallenge('Negotiate, basic realm="r"'), { scheme: 'basic' });
    assert.equal(parseChallenge('Negotiate'), undefined);
    assert.equal(parseChallenge('Bearer service="x"'), undefined);
    assert.equal(parseChallenge(undefined), undefined);
  });
});

describe('registry host', () => {
  test('loopback is told from everything else', () => {
    for (const one of ['localhost', 'localhost:5000', '127.0.0.1', '127.8.9.1:5000', '[::1]:5000']) {
      assert.ok(isLoopback(one), one);
    }
    for (const one of [
      'docker.io',
      '127.0.0.1.evil.example',
      'localhost.example:5000',
      '10.0.0.1',
      '[fe80::1]:1',
    ]) {
      assert.ok(!isLoopback(one), one);
    }
    assert.equal(registryHost('docker.io').address, 'registry-1.docker.io');
  });
});

describe('registry redirect', () => {
  const request = {
    method: 'GET' as const,
    url: new URL('https://registry.example/v2/'),
    headers: { Authorization: 'Bearer secret', range: 'bytes=5-' },
  };
  test('keeps credentials on the same host and drops them on another', () => {
    assert.equal(
      redirected(request, new URL('https://registry.example/x')).headers.Authorization,
      'Bearer secret',
    );
    for (const other of ['https://cdn.example/x', 'https://registry.example:444/x']) {
      assert.deepEqual(redirected(request, new URL(other)).headers, { range: 'bytes=5-' });
    }
  });
  test('refuses to leave TLS', () => {
    assert.throws(() => redirected(request, new URL('http://registry.example/x')), {
      code: 'registry-unreachable',
      message: /without TLS/,
    });
  });
});

describe('registry proxy', () => {
  const chosen = (url: string, environment: Record<string, string>) =>
    proxyFor(new URL(url), environment)?.host;

  test('is chosen by scheme, never for loopback', () => {
    const both = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'plain:2' };
    assert.equal(chosen('https://r.example/v2/', both), 'secure:1');
    assert.equal(chosen('http://r.example/v2/', both), 'plain:2');
    assert.equal(chosen('https://127.0.0.1:5000/', both), undefined);
    assert.equal(chosen('https://r.example/', {}), undefined);
  });

  test('is not used for what NO_PROXY lists', () => {
    const exempt = (no_proxy: string, url = 'https://r.example:5000/') =>
      chosen(url, { https_proxy: 'p:1', no_proxy }) === undefined;
    for (const list of [
      '*',
      'r.example',
      'x, example',
      '.example',
      'r.example:5000',
      '*.example',
      'R.EXAMPLE',
    ]) {
      assert.ok(exempt(list), list);
    }
    for (const list of ['', ',', 'ample', 'r.example:443', '.r.example', 'q.example']) {
      assert.ok(!exempt(list), list);
    }
  });

  test('gets the name and password of its URL', () => {
    assert.deepEqual(proxyHeaders(new URL('http://me:p%40ss@p:1')), {
      'proxy-authorization': `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    });
    assert.deepEqual(proxyHeaders(new URL('http://p:1')), {});
  });
});

describe('registry failures', () => {
  test('answers become codes with hints', () => {
    const answer = (status: number, body = '') =>
      refusal(parseAnswer(status, body), { what: 'a:1', host: 'h', note: 'The helper failed.' });
    const denied = answer(401, '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
    assert.equal(denied.code, 'unauthorized');
    assert.match(denied.message, /authentication required \(401\)/);
    assert.match(denied.hint ?? '', /^The helper failed\. .*sampan login h/);
    assert.equal(answer(403).code, 'unauthorized');
    assert.equal(answer(404).code, 'not-found');
    assert.match(answer(404).message, /no a:1 in the registry h/);
    assert.equal(answer(429, '<html>').code, 'registry-refused');
    assert.match(answer(503).message, /HTTP status 503/);
  });

  test('connections fail with host and cause', () => {
    const failure = (code: string) => unreachable('h:5', Object.assign(new Error('raw'), { code }));
    assert.match(failure('ENOTFOUND').message, /h:5 .*DNS/);
    assert.match(failure('ECONNREFUSED').message, /refused/);
    assert.match(failure('SELF_SIGNED_CERT_IN_CHAIN').message, /TLS failed/);
    assert.match(failure('SELF_SIGNED_CERT_IN_CHAIN').hint ?? '', /certs\.d\/h:5\/ca\.crt/);
    assert.match(failure('ETIMEDOUT').message, /stopped answering/);
    assert.match(failure(connectTimeout).message, /in time/);
    assert.match(failure('EWHAT').message, /raw/);
    const plain = Object.assign(new Error('write EPROTO 0:SSL routines:wrong version number'), {
      code: 'EPROTO',
    });
    assert.match(unreachable('h:5', plain).message, /does not speak TLS/);
  });

  test('only what may pass is tried again', () => {
    const connection = (code: string) => unreachable('h', Object.assign(new Error(''), { code }));
    const status = (value: number) => refusal(parseAnswer(value, ''), { what: 'x', host: 'h' });
    for (const error of [connection('ECONNRESET'), connection('ETIMEDOUT'), status(500), status(429)]) {
      assert.ok(isTransient(error), error.message);
    }
    for (const error of [
      connection('ENOTFOUND'),
      connection('EAI_AGAIN'),
      connection(connectTimeout),
      connection('ECONNREFUSED'),
      status(404),
      status(401),
      new Error(),
    ]) {
      assert.ok(!isTransient(error), error.message);
    }
  });
});

describe('registry retries', () => {
  const policy = { attempts: 3, firstDelayMs: 1, longestDelayMs: 2 };
  const reset = () => unreachable('h', Object.assign(new Error(''), { code: 'ECONNRESET' }));

  test('stop after so many failures in a row', async () => {
    let calls = 0;
    const failing = retrying(
      async () => {
        calls += 1;
        throw reset();
      },
      { policy, signal: undefined },
    );
    await assert.rejects(failing, { code: 'registry-unreachable' });
    assert.equal(calls, 3);
  });

  test('go on as long as there is progress', async () => {
    let position = 0;
    const result = await retrying(
      async () => {
        position += 1;
        if (position < 20) throw reset();
        return position;
      },
      { policy, signal: undefined, progress: () => position },
    );
    assert.equal(result, 20);
  });

  test('are not made for a final failure, an abort, or too long a wait', async () => {
    let calls = 0;
    const once = (error: Error, signal?: AbortSignal) =>
      assert.rejects(
        retrying(
          async () => {
            calls += 1;
            throw error;
          },
          { policy, signal },
        ),
      );
    await once(new Error('final'));
    await once(reset(), AbortSignal.abort());
    await once(new RetryAfter(reset(), 3600_000));
    assert.equal(calls, 3);
  });

  test('wait as the registry says', () => {
    assert.equal(parseRetryAfter('7', 0), 7000);
    assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000), 6000);
    assert.equal(parseRetryAfter('soon', 0), undefined);
    assert.equal(parseRetryAfter(undefined, 0), undefined);
  });
});

describe('registry credentials', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sampan-credentials-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const auth = (text: string) => Buffer.from(text).toString('base64');
  const hub = { domain: 'docker.io', path: 'library/busybox' };

  async function find(files: { docker?: object | string; podman?: object }, repository = hub) {
    const home = mkdtempSync(join(folder, 'home-'));
    const write = (name: string, value: object | string) =>
      writeFile(join(home, name), typeof value === 'string' ? value : JSON.stringify(value));
    if (files.docker) await write('config.json', files.docker);
    if (files.podman) await write('auth.json', files.podman);
    const environment = {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      DOCKER_CONFIG: home,
      XDG_CONFIG_HOME: join(home, 'none'),
      ...(files.podman ? { REGISTRY_AUTH_FILE: join(home, 'auth.json') } : {}),
    };
    return findCredentials(repository, environment);
  }

  async function helper(name: string, script: string) {
    await mkdir(join(folder, 'bin'), { recursive: true });
    const path = join(folder, 'bin', `docker-credential-${name}`);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }

  test('of Docker Hub lie under its old key', async () => {
    const docker = { auths: { 'https://index.docker.io/v1/': { auth: auth('me:se:cret') } } };
    assert.deepEqual((await find({ docker })).credentials, {
      kind: 'password',
      username: 'me',
      password: 'se:cret',
    });
  });

  test("of podman are by repository, the most specific first, and before docker's", async () => {
    const found = await find(
      {
        docker: { auths: { 'h:5': { auth: auth('docker:x') } } },
        podman: { auths: { 'h:5': { auth: auth('host:x') }, 'h:5/team': { auth: auth('team:x') } } },
      },
      { domain: 'h:5', path: 'team/app' },
    );
    assert.equal(found.credentials?.kind === 'password' && found.credentials.username, 'team');
    assert.equal(credentialKeys({ domain: 'h', path: 'a/b' })[0], 'h/a/b');
  });

  test('identity token is used as one', async () => {
    const docker = { auths: { 'docker.io': { auth: auth('me:'), identitytoken: 'token' } } };
    assert.deepEqual((await find({ docker })).credentials, { kind: 'identity-token', token: 'token' });
  });

  test('helper is asked with the server on stdin', async () => {
    await helper('good', 'read -r server; printf \'{"Username":"u","Secret":"%s"}\' "$server"');
    assert.deepEqual((await find({ docker: { credsStore: 'good' } })).credentials, {
      kind: 'password',
      username: 'u',
      password: 'https://index.docker.io/v1/',
    });
    await helper('token', 'echo \'{"Username":"<token>","Secret":"t"}\'');
    const docker = { credsStore: 'good', credHelpers: { 'docker.io': 'token' } };
    assert.deepEqual((await find({ docker })).credentials, { kind: 'identity-token', token: 't' });
  });

  test('helper without credentials is no problem, a broken one is told', async () => {
    await helper('empty', 'echo credentials not found in native keychain; exit 1');
    assert.deepEqual(await find({ docker: { credsStore: 'empty' } }), {
      credentials: undefined,
      problem: undefined,
    });
    await helper('broken', 'echo no keychain here; exit 3');
    assert.match((await find({ docker: { credsStore: 'broken' } })).problem ?? '', /no keychain here/);
    assert.match(
      (await find({ docker: { credsStore: 'missing' } })).problem ?? '',
      /docker-credential-missing/,
    );
    assert.match((await find({ docker: '{' })).problem ?? '', /not valid JSON/);
  });

  test('client certificate and CA are taken from the folder of the host', async () => {
    const place = join(folder, 'certs.d', 'h:5');
    await mkdir(place, { recursive: true });
    for (const name of ['ca.crt', 'client.cert', 'client.key']) await writeFile(join(place, name), name);
    const found = await loadCertificates('h:5', [join(folder, 'nowhere'), join(folder, 'certs.d')]);
    assert.equal(found.ca.at(-1), 'ca.crt');
    assert.deepEqual([found.cert, found.key], ['client.cert', 'client.key']);
    assert.equal((await loadCertificates('other', [join(folder, 'certs.d')])).cert, undefined);
  });
});
