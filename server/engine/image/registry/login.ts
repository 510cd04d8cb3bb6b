import { mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSampanError, SampanError } from '../../../common/errors.ts';
import { replaceBeside } from '../../store/atomic.ts';
import { hasErrno } from '../../store/failure.ts';
import type { LoggedIn, LoggedOut, Login } from '../types.ts';
import { type ClientOptions, openRepository } from './client.ts';
import {
  type AuthFile,
  credentialKeys,
  dockerConfig,
  findCredentials,
  hubKey,
  runHelper,
} from './credentials.ts';
import { hubDomain } from './hosts.ts';

/**
 * Try a user name and password at a registry, and keep them where docker does: with the credential helper that
 * config.json names, or in config.json. Throws `unauthorized`, `registry-unreachable`, `registry-refused`,
 * `invalid-argument` for a config.json that cannot be read.
 */
export async function login(
  { registry, username, password }: Login,
  options: Pick<ClientOptions, 'environment' | 'signal' | 'retry'>,
): Promise<LoggedIn> {
  const domain = registryName(registry);
  const credentials = { kind: 'password', username, password } as const;
  const client = openRepository({ domain, path: '' }, { ...options, credentials, actions: 'none' });
  try {
    await client.ping();
  } catch (error) {
    throw isSampanError(error, 'unauthorized') ? refused(domain, error) : error;
  } finally {
    client.close();
  }
  const file = await openConfig(options.environment);
  const key = keyOf(domain);
  const helper = file.content.credHelpers?.[domain] || file.content.credsStore;
  if (helper) {
    const input = JSON.stringify({ ServerURL: key, Username: username, Secret: password });
    await callHelper(helper, { verb: 'store', input, environment: options.environment });
  }
  const auth = helper ? {} : { auth: Buffer.from(`${username}:${password}`).toString('base64') };
  await file.write({ ...file.content, auths: { ...file.content.auths, [key]: auth } });
  const found = await findCredentials({ domain, path: '' }, options.environment);
  return {
    plainFile: helper ? undefined : file.path,
    shadowedBy: found.source === file.path ? undefined : found.source,
  };
}

/** Forget what {@link login} kept. */
export async function logout(
  registry: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<LoggedOut> {
  const domain = registryName(registry);
  const file = await openConfig(environment);
  const keys = credentialKeys({ domain, path: '' }).filter(key => file.content.auths?.[key] !== undefined);
  const helper = file.content.credHelpers?.[domain] || file.content.credsStore;
  if (keys.length === 0) return { registry: domain, wasLoggedIn: false };
  if (helper) await callHelper(helper, { verb: 'erase', input: keyOf(domain), environment });
  const auths = Object.fromEntries(
    Object.entries(file.content.auths ?? {}).filter(([key]) => !keys.includes(key)),
  );
  await file.write({ ...file.content, auths });
  return { registry: domain, wasLoggedIn: true };
}

/** `https://host:5000/v2/` is `host:5000`. Throws `invalid-argument`. */
function registryName(given: string | undefined): string {
  if (given === undefined || given === '' || given === hubKey) return hubDomain;
  const name = given.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  if (['index.docker.io', 'registry-1.docker.io', hubDomain].includes(name)) return hubDomain;
  if (/^(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?$/.test(name)) return name;
  throw new SampanError('invalid-argument', `"${given}" is not the address of a registry.`, {
    hint: 'Give its host, and its port if it has one of its own: registry.example.com:5000.',
  });
}

function keyOf(domain: string): string {
  return domain === hubDomain ? hubKey : domain;
}

/** docker's config.json with all that it holds, known to us or not. */
async function openConfig(environment: NodeJS.ProcessEnv): Promise<{
  readonly path: string;
  readonly content: AuthFile;
  write(content: AuthFile): Promise<void>;
}> {
  const named = dockerConfig(environment);
  // Some keep it elsewhere and have a link here: it stays one.
  const path = await realpath(named).catch(() => named);
  return {
    path,
    content: await readConfig(path),
    async write(content) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await replaceBeside(path, Buffer.from(`${JSON.stringify(content, null, '\t')}\n`), { sync: true });
    },
  };
}

async function readConfig(path: string): Promise<AuthFile> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return {};
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new SampanError(
    'invalid-argument',
    `The file ${path} is not a JSON object, so nothing is added to it.`,
    {
      hint: 'Mend it, or move it away.',
      detail: { path },
    },
  );
}

async function callHelper(name: string, call: Parameters<typeof runHelper>[1]): Promise<void> {
  const program = `docker-credential-${name}`;
  const fail = (why: string) =>
    new SampanError(
      'conflict',
      `The credential helper ${program} did not ${call.verb} the password: ${why}.`,
      {
        hint: 'See whether it works by itself, or choose another "credsStore" in docker\'s config.json.',
      },
    );
  const { code, output } = await runHelper(program, call).catch((error: Error) => {
    throw fail(error.message);
  });
  if (code !== 0) throw fail(output.trim() || `exit code ${code}`);
}

function refused(domain: string, error: SampanError): SampanError {
  return new SampanError('unauthorized', `The registry ${domain} refused the user name or the password.`, {
    hint: 'Check both. Many registries want an access token in place of the password.',
    detail: error.detail,
    cause: error,
  });
}
