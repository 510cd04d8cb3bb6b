/**
 * A content digest as in OCI image-spec, descriptor.md "Digests": `sha256:` and 64 lower-case hex digits.
 * Only sha256 is accepted: nothing else is produced by today's registries and builders.
 */
export type Digest = `sha256:${string}`;

const pattern = /^sha256:[0-9a-f]{64}$/;

/** True when `text` is a well-formed sha256 digest. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** The 64 hex digits of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** A digest from 64 lower-case hex digits. */
export function digestFromHex(hex: string): Digest {
  return `sha256:${hex}`;
}
