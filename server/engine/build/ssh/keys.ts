import { createPrivateKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { SampanError } from '../../../common/errors.ts';
import { WireReader, wireInteger, wireString } from './wire.ts';

/** A private key of a user, as an agent uses it. */
export interface SshKey {
  /** RFC 4253 section 6.6. */
  readonly publicBlob: Buffer;
  readonly comment: string;
  /** A signature blob. `flags` choose the hash of an RSA key (draft-ietf-sshm-ssh-agent, section 4.5.1). */
  sign(data: Uint8Array, flags: number): Buffer;
}

const opensshMagic = 'openssh-key-v1\0';
const rsaSha256 = 2;
const rsaSha512 = 4;

/**
 * A private key file: OpenSSH's own form or PEM, ed25519, RSA or ECDSA, without a passphrase.
 *
 * Throws `invalid-argument`; `path` is for its message.
 */
export function readPrivateKey(text: string, path: string): SshKey {
  try {
    const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1];
    if (body !== undefined) return readOpenssh(Buffer.from(body, 'base64'), path);
    return keyOf(createPrivateKey(text), path);
  } catch (cause) {
    if (cause instanceof SampanError) throw cause;
    const isLocked = /passphrase|ENCRYPTED/i.test(`${cause instanceof Error ? cause.message : ''}${text}`);
    throw unusable(path, isLocked ? 'it has a passphrase' : 'it is not a private key', cause);
  }
}

/** OpenSSH's PROTOCOL.key. */
function readOpenssh(bytes: Buffer, path: string): SshKey {
  const reader = new WireReader(bytes);
  if (reader.take(opensshMagic.length).toString('latin1') !== opensshMagic)
    throw unusable(path, 'it is damaged');
  const cipher = reader.text();
  reader.string();
  reader.string();
  if (cipher !== 'none') throw unusable(path, 'it has a passphrase');
  if (reader.number() !== 1) throw unusable(path, 'it holds several keys');
  reader.string();
  const secret = new WireReader(reader.string());
  const checks = [secret.number(), secret.number()];
  if (checks[0] !== checks[1]) throw unusable(path, 'it is damaged');
  const jwk = readSecret(secret, path);
  return keyOf(createPrivateKey({ key: jwk, format: 'jwk' }), secret.text() || path);
}

function readSecret(reader: WireReader, path: string): JsonWebKey {
  const type = reader.text();
  if (type === 'ssh-ed25519') {
    const x = encoded(reader.string());
    return { kty: 'OKP', crv: 'Ed25519', x, d: encoded(reader.string().subarray(0, 32)) };
  }
  if (type === 'ssh-rsa') return readRsa(reader);
  const curve = curves.find(({ ssh }) => type === `ecdsa-sha2-${ssh}`);
  if (curve === undefined) throw unusable(path, `keys of the type ${type} are not known`);
  reader.string();
  const point = reader.string().subarray(1);
  const [x, y] = [point.subarray(0, curve.size), point.subarray(curve.size)];
  return {
    kty: 'EC',
    crv: curve.jwk,
    x: encoded(x),
    y: encoded(y),
    d: encoded(padded(reader.integer(), curve.size)),
  };
}

function readRsa(reader: WireReader): JsonWebKey {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => reader.integer()) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const reduced = (prime: Buffer) => fromBig(toBig(d) % (toBig(prime) - 1n));
  const parts = { n, e, d, p, q, dp: reduced(p), dq: reduced(q), qi };
  const fields = Object.entries(parts).map(([name, value]) => [name, encoded(value)]);
  return { kty: 'RSA', ...Object.fromEntries(fields) };
}

const curves = [
  { jwk: 'P-256', ssh: 'nistp256', size: 32, hash: 'sha256' },
  { jwk: 'P-384', ssh: 'nistp384', size: 48, hash: 'sha384' },
  { jwk: 'P-521', ssh: 'nistp521', size: 66, hash: 'sha512' },
] as const;

function keyOf(key: KeyObject, comment: string): SshKey {
  const jwk = key.export({ format: 'jwk' });
  const part = (name: 'n' | 'e' | 'x' | 'y') => Buffer.from(jwk[name] ?? '', 'base64url');
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    const type = wireString('ssh-ed25519');
    return {
      comment,
      publicBlob: Buffer.concat([type, wireString(part('x'))]),
      sign: data => Buffer.concat([type, wireString(sign(null, data, key))]),
    };
  }
  if (jwk.kty === 'RSA') {
    return {
      comment,
      publicBlob: Buffer.concat([wireString('ssh-rsa'), wireInteger(part('e')), wireInteger(part('n'))]),
      sign: (data, flags) => signRsa(key, { data, flags }),
    };
  }
  const curve = curves.find(one => one.jwk === jwk.crv);
  if (curve === undefined) throw unusable(comment, `keys of the type ${jwk.crv ?? jwk.kty} are not known`);
  const type = wireString(`ecdsa-sha2-${curve.ssh}`);
  const point = Buffer.concat([Buffer.of(4), part('x'), part('y')]);
  return {
    comment,
    publicBlob: Buffer.concat([type, wireString(curve.ssh), wireString(point)]),
    sign(data) {
      const pair = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' });
      const [r, s] = [pair.subarray(0, curve.size), pair.subarray(curve.size)];
      return Buffer.concat([type, wireString(Buffer.concat([wireInteger(r), wireInteger(s)]))]);
    },
  };
}

function signRsa(
  key: KeyObject,
  { data, flags }: { readonly data: Uint8Array; readonly flags: number },
): Buffer {
  const [name, hash] =
    (flags & rsaSha512) !== 0
      ? ['rsa-sha2-512', 'sha512']
      : (flags & rsaSha256) !== 0
        ? ['rsa-sha2-256', 'sha256']
        : ['ssh-rsa', 'sha1'];
  return Buffer.concat([wireString(name), wireString(sign(hash, data, key))]);
}

function encoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function padded(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.alloc(Math.max(0, size - bytes.length)), bytes]);
}

function toBig(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

function fromBig(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

function unusable(path: string, why: string, cause?: unknown): SampanError {
  return new SampanError('invalid-argument', `The SSH key ${path} cannot be used: ${why}.`, {
    hint: 'Add it to an SSH agent with ssh-add, and give that: --ssh default.',
    detail: { path },
    cause,
  });
}
