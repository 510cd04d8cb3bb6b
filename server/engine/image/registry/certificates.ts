import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

/** Certificates for the connection to one registry. */
export interface Certificates {
  readonly ca: readonly string[];
  /** Client certificate and key. */
  readonly cert?: string;
  readonly key?: string;
}

/** Bundles of the distributions, first found wins: Debian, Fedora, openSUSE, Alpine. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Folders that docker, skopeo and podman read (containers-certs.d(5)). */
export function certificateFolders(environment: NodeJS.ProcessEnv): readonly string[] {
  const config = environment.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  return [
    join(config, 'containers', 'certs.d'),
    join(environment.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'certs.d'),
    '/etc/containers/certs.d',
    '/etc/docker/certs.d',
  ];
}

/**
 * The CAs of Node and of this system, and those for `address` (`host[:port]`): in each folder all `*.crt`
 * of `<address>` are CAs, and `<name>.cert` with `<name>.key` is a client certificate.
 */
export async function loadCertificates(address: string, folders: readonly string[]): Promise<Certificates> {
  const ca = [...rootCertificates, ...(await systemCertificates())];
  let client: Pick<Certificates, 'cert' | 'key'> = {};
  for (const folder of folders.map(one => join(one, address))) {
    const names = (await readdir(folder).catch((): string[] => [])).sort();
    const read = (name: string) => readFile(join(folder, name), 'utf8');
    for (const name of names.filter(one => one.endsWith('.crt'))) ca.push(await read(name));
    const cert = names.find(one => one.endsWith('.cert') && names.includes(one.replace(/cert$/, 'key')));
    if (cert !== undefined && client.cert === undefined) {
      client = { cert: await read(cert), key: await read(cert.replace(/cert$/, 'key')) };
    }
  }
  return { ca, ...client };
}

let system: Promise<readonly string[]> | undefined;

function systemCertificates(): Promise<readonly string[]> {
  system ??= readSystemCertificates();
  return system;
}

async function readSystemCertificates(): Promise<readonly string[]> {
  for (const path of [process.env.SSL_CERT_FILE, ...systemBundles]) {
    const bundle = path && (await readFile(path, 'utf8').catch(() => undefined));
    if (bundle) return [bundle];
  }
  return [];
}
