import { SampanError } from '../../common/errors.ts';
import { formatPlatform, type Platform } from '../../common/platform.ts';
import { count, digest, listOf, mapOf, optional, SchemaError, shape, text } from '../store/schema.ts';
import { isIndexType, isManifestType, ociIndex, ociManifest } from './media-types.ts';
import type { Descriptor } from './types.ts';

/** OCI image-spec manifest.md; docker's schema 2 has the same fields. */
export interface Manifest {
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** OCI image-spec image-index.md; docker's manifest list has the same fields. */
export interface Index {
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

/** Longest manifest or index that is read (distribution-spec: registries should take 4 MiB). */
export const manifestMax = 4 * 1024 * 1024;

const descriptor = shape({
  mediaType: text,
  digest,
  size: count,
  annotations: optional(mapOf(text)),
  platform: optional(shape({ architecture: text, os: text, variant: optional(text) })),
});

const document = shape({
  schemaVersion: optional(count),
  mediaType: optional(text),
  config: optional(descriptor),
  layers: optional(listOf(descriptor)),
  manifests: optional(listOf(descriptor)),
});

/**
 * A manifest or an index. The `mediaType` inside wins over `declared` (a Content-Type or descriptor), and
 * the fields over both when it is missing. Throws `image-invalid`; `what` names the document in the sentence.
 */
export function parseManifest(
  content: Uint8Array,
  { declared, what }: { readonly declared?: string | undefined; readonly what: string },
): Manifest | Index {
  const parsed = check(content, what);
  if (parsed.schemaVersion === 1) throw schemaOne(what);
  const mediaType = parsed.mediaType ?? declared ?? '';
  const { config, layers, manifests } = parsed;
  if (manifests !== undefined && (isIndexType(mediaType) || config === undefined)) {
    return { mediaType: isIndexType(mediaType) ? mediaType : ociIndex, manifests: manifests.map(clean) };
  }
  if (config !== undefined && layers !== undefined) {
    return {
      mediaType: isManifestType(mediaType) ? mediaType : ociManifest,
      config: clean(config),
      layers: layers.map(clean),
    };
  }
  throw invalid(what, 'it has neither config and layers nor manifests');
}

export function isIndex(parsed: Manifest | Index): parsed is Index {
  return 'manifests' in parsed;
}

/** False for what an index holds beside images: attestations (buildkit: docs/attestations) and other artifacts. */
export function isRunnable(entry: Descriptor): boolean {
  const attested = entry.annotations?.['vnd.docker.reference.type'] !== undefined;
  const known = isIndexType(entry.mediaType) || isManifestType(entry.mediaType);
  return known && !attested && entry.platform?.os !== 'unknown';
}

/** What a manifest is made of. Its media type is `ociManifest` unless given. */
export interface ManifestParts {
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Annotations | undefined;
}

export type Annotations = { readonly [name: string]: string };

/** A manifest in a form that never changes for the same input, so that its digest does not either. */
export function encodeManifest({
  mediaType = ociManifest,
  config,
  layers,
  annotations,
}: ManifestParts): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: bare(config),
      layers: layers.map(bare),
      ...(annotations && { annotations }),
    }),
  );
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/** An `unsupported` failure that lists what there is. */
export function noSuchPlatform(what: string, wanted: Platform, offered: readonly Platform[]): SampanError {
  const list = [...new Set(offered.map(formatPlatform))];
  return new SampanError(
    'not-found',
    `${what} has no image for ${formatPlatform(wanted)}, only for ${list.join(', ') || 'nothing that runs'}.`,
    { hint: 'Choose one of these with --platform, or another image.', detail: { platforms: list } },
  );
}

function check(content: Uint8Array, what: string) {
  try {
    return document(JSON.parse(Buffer.from(content).toString('utf8')), '');
  } catch (error) {
    if (error instanceof SchemaError || error instanceof SyntaxError) throw invalid(what, error.message);
    throw error;
  }
}

/** Without the undefined fields of the schema check. */
function clean(parsed: ReturnType<typeof descriptor>): Descriptor {
  return JSON.parse(JSON.stringify(parsed));
}

function invalid(what: string, why: string): SampanError {
  return new SampanError('image-invalid', `${what} is not an image manifest: ${why}.`, {
    hint: 'The image was damaged or made wrongly: get it again from its source.',
  });
}

function schemaOne(what: string): SampanError {
  return new SampanError('unsupported', `${what} is in docker's image format of 2013 (schema 1).`, {
    hint: 'Registries stopped serving it: pull the image with an old docker and push it again, or use a newer tag.',
  });
}
