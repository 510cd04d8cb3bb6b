import { type Digest, isDigest } from './digest.ts';
import { SampanError } from './errors.ts';

/**
 * An image reference after docker's normalisation (distribution/reference, `ParseNormalizedNamed`):
 * the domain is never empty, `docker.io` for short names, and the path of an official image begins
 * with `library/`.
 */
export interface Reference {
  /** Host with optional port: `docker.io`, `127.0.0.1:5000`, `[::1]:5000`. */
  readonly domain: string;
  /** Repository below the domain: `library/busybox`. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

const defaultDomain = 'docker.io';
const legacyDefaultDomain = 'index.docker.io';
const officialPrefix = 'library/';
const pathMax = 255;

// The grammar of distribution/reference, regexp.go.
const domainPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const pathPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const imageIdPattern = /^[0-9a-f]{64}$/;

/** What {@link readReference} gives: the reference, or a clause that says what is wrong with the text. */
export type ReferenceReading =
  | { readonly reference: Reference; readonly problem?: undefined }
  | { readonly reference?: undefined; readonly problem: string };

/** Parse without throwing, for linters and look-ups that have another meaning for the text. */
export function readReference(text: string): ReferenceReading {
  if (text === '') return { problem: 'it is empty' };
  if (imageIdPattern.test(text)) return { problem: 'a name of 64 hexadecimal digits is an image ID' };
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) {
    return { problem: `"${digest}" is not a digest (sha256: and 64 lower-case hexadecimal digits)` };
  }
  const { domain, rest } = splitDomain(at < 0 ? text : text.slice(0, at));
  const colon = rest.indexOf(':');
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  const path = domain === defaultDomain && !name.includes('/') ? officialPrefix + name : name;
  const problem = domainProblem(domain) ?? pathProblem(name, path) ?? tagProblem(tag);
  return problem === undefined ? { reference: { domain, path, tag, digest } } : { problem };
}

/** Parse and normalise. Throws `invalid-argument` with what is wrong. */
export function parseReference(text: string): Reference {
  const { reference, problem } = readReference(text);
  if (reference !== undefined) return reference;
  throw new SampanError('invalid-argument', `Invalid image reference "${text}": ${problem}.`, {
    hint: 'A reference is [host[:port]/]path[:tag][@digest] with a lower-case path, for example busybox:1 or 127.0.0.1:5000/team/app:2.',
    detail: { reference: text },
  });
}

/** The reference with `:latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: 'latest' };
}

/** `docker.io/library/busybox:1`: the form in which references are stored and compared. */
export function canonicalReference(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`;
}

/** `busybox:1`: the form that docker shows, without docker.io and library/. */
export function familiarReference(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** The repository part of {@link familiarReference}: `busybox`, `team/app`, `127.0.0.1:5000/app`. */
export function familiarName(reference: Pick<Reference, 'domain' | 'path'>): string {
  const { domain, path } = reference;
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const short = path.slice(officialPrefix.length);
  if (path.startsWith(officialPrefix) && !short.includes('/')) return short;
  // `docker.io/a.b/c` without its domain would be the repository c of a host a.b.
  return splitDomain(path).domain === defaultDomain ? path : `${domain}/${path}`;
}

function suffix(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  return reference.digest === undefined ? tag : `${tag}@${reference.digest}`;
}

/** distribution/reference, normalize.go `splitDockerDomain`: a first part is a host only when it cannot be a path. */
function splitDomain(text: string): { readonly domain: string; readonly rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (!isHost) return { domain: defaultDomain, rest: text };
  const domain = first === legacyDefaultDomain ? defaultDomain : first;
  return { domain, rest: text.slice(slash + 1) };
}

function domainProblem(domain: string): string | undefined {
  return domainPattern.test(domain) ? undefined : `"${domain}" is not a host name with an optional port`;
}

function pathProblem(name: string, path: string): string | undefined {
  if (name === '') return 'the repository name is missing';
  if (path.length > pathMax) return `the repository name is longer than ${pathMax} characters`;
  if (name !== name.toLowerCase()) return `the repository name "${name}" must be lower case`;
  if (pathPattern.test(path)) return undefined;
  return `the repository name "${name}" may only have lower-case letters and digits, separated by ".", "_", "__", dashes or "/"`;
}

function tagProblem(tag: string | undefined): string | undefined {
  if (tag === undefined || tagPattern.test(tag)) return undefined;
  if (tag === '') return 'the tag after ":" is missing';
  if (tag.length > 128) return 'the tag is longer than 128 characters';
  return `the tag "${tag}" may only have letters, digits, "_", "." and "-", and begins with a letter, a digit or "_"`;
}
