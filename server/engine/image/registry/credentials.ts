import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How to log in: a name with a password, or docker's identity (refresh) token. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string };

export interface FoundCredentials {
  readonly credentials: Credentials | undefined;
  /** The file that they are from, or that names the helper they are from. */
  readonly source?: string;
  /** Why a configured source gave none, for the hint of a failure. */
  readonly problem: string | undefined;
}

/** The parts of docker's config.json and of containers-auth.json(5) that matter here. */
export interface AuthFile {
  readonly auths?: { readonly [key: string]: { readonly auth?: string; readonly identitytoken?: string } };
  readonly credsStore?: string;
  readonly credHelpers?: { readonly [key: string]: string };
}

/** What docker calls Docker Hub in its files. */
export const hubKey = 'https://index.docker.io/v1/';
/** Helpers may ask the user something, but not forever. */
const helperTimeoutMs = 60_000;
const notFoundText = 'credentials not found in native keychain';
const tokenUser = '<token>';

/**
 * Credentials for a repository (`domain/path`), from docker's and podman's files in podman's order. A
 * helper that fails is no reason to fail a public pull: it is told in `problem`.
 */
export async function findCredentials(
  repository: { readonly domain: string; readonly path: string },
  environment: NodeJS.ProcessEnv,
): Promise<FoundCredentials> {
  let problem: string | undefined;
  for (const path of authFiles(environment)) {
    const file = await readAuthFile(path);
    if (typeof file === 'string') problem ??= file;
    if (file === undefined || typeof file === 'string') continue;
    const found = await fromFile(file, { repository, environment });
    if (found.credentials !== undefined) return { ...found, source: path };
    problem ??= found.problem;
  }
  return { credentials: undefined, problem };
}

/** Keys that a file may use, most specific first: `host/a/b`, `host/a`, `host`, and docker's older spellings. */
export function credentialKeys({
  domain,
  path,
}: {
  readonly domain: string;
  readonly path: string;
}): readonly string[] {
  const parts = path.split('/');
  const keys = parts.map((_, index) => [domain, ...parts.slice(0, parts.length - index)].join('/'));
  keys.push(
    domain,
    `https://${domain}`,
    `http://${domain}`,
    `https://${domain}/v1/`,
    `https://${domain}/v2/`,
  );
  return domain === 'docker.io' ? [...keys, hubKey, 'index.docker.io', 'registry-1.docker.io'] : keys;
}

/** docker's own file. */
export function dockerConfig(environment: NodeJS.ProcessEnv): string {
  return join(environment.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json');
}

function authFiles(environment: NodeJS.ProcessEnv): readonly string[] {
  const config = environment.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  const runtime = environment.XDG_RUNTIME_DIR;
  return [
    ...(environment.REGISTRY_AUTH_FILE ? [environment.REGISTRY_AUTH_FILE] : []),
    ...(runtime ? [join(runtime, 'containers', 'auth.json')] : []),
    join(config, 'containers', 'auth.json'),
    dockerConfig(environment),
  ];
}

/** Undefined when there is none, a sentence when it cannot be read. */
async function readAuthFile(path: string): Promise<AuthFile | string | undefined> {
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(content);
    return typeof parsed === 'object' && parsed !== null ? (parsed as AuthFile) : undefined;
  } catch {
    return `The credentials file ${path} is not valid JSON.`;
  }
}

async function fromFile(
  file: AuthFile,
  from: {
    readonly repository: { readonly domain: string; readonly path: string };
    readonly environment: NodeJS.ProcessEnv;
  },
): Promise<FoundCredentials> {
  const keys = credentialKeys(from.repository);
  const helperKey = keys.find(key => file.credHelpers?.[key] !== undefined);
  const helper = helperKey === undefined ? file.credsStore : file.credHelpers?.[helperKey];
  if (helper) {
    const server = helperKey ?? (from.repository.domain === 'docker.io' ? hubKey : from.repository.domain);
    const found = await askHelper(helper, { server, environment: from.environment });
    if (found.credentials !== undefined || helperKey !== undefined) return found;
    return { credentials: fromAuths(file, keys), problem: found.problem };
  }
  return { credentials: fromAuths(file, keys), problem: undefined };
}

function fromAuths(file: AuthFile, keys: readonly string[]): Credentials | undefined {
  for (const key of keys) {
    const entry = file.auths?.[key];
    if (entry?.identitytoken) return { kind: 'identity-token', token: entry.identitytoken };
    const decoded = Buffer.from(entry?.auth ?? '', 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon > 0) {
      const password = decoded.slice(colon + 1).replace(/\0+$/, '');
      return { kind: 'password', username: decoded.slice(0, colon), password };
    }
  }
  return undefined;
}

/** docker-credential-helpers' protocol: `docker-credential-X get`, the server on stdin, JSON on stdout. */
async function askHelper(
  name: string,
  to: { readonly server: string; readonly environment: NodeJS.ProcessEnv },
): Promise<FoundCredentials> {
  const program = `docker-credential-${name}`;
  try {
    const { code, output } = await runHelper(program, {
      verb: 'get',
      input: to.server,
      environment: to.environment,
    });
    if (code !== 0) {
      const unknown = output.trim() === notFoundText;
      const problem = unknown
        ? undefined
        : `The credential helper ${program} failed: ${output.trim() || `exit code ${code}`}.`;
      return { credentials: undefined, problem };
    }
    const answer = JSON.parse(output) as { Username?: string; Secret?: string };
    const { Username: username = '', Secret: secret = '' } = answer;
    if (username === tokenUser) {
      return { credentials: { kind: 'identity-token', token: secret }, problem: undefined };
    }
    return { credentials: { kind: 'password', username, password: secret }, problem: undefined };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { credentials: undefined, problem: `The credential helper ${program} does not work: ${why}.` };
  }
}

/**
 * Run a verb (`get`, `store`, `erase`) of a credential helper with `input` on its stdin. Throws when it does not exist or
 * takes too long.
 */
export async function runHelper(
  program: string,
  call: {
    readonly verb: 'get' | 'store' | 'erase';
    readonly input: string;
    readonly environment: NodeJS.ProcessEnv;
  },
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(program, [call.verb], {
    env: call.environment,
    stdio: ['pipe', 'pipe', 'ignore'],
    // Not `timeout`: its timer outlives a program that does not exist.
    signal: AbortSignal.timeout(helperTimeoutMs),
  });
  // A helper may end without reading its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(call.input);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}
