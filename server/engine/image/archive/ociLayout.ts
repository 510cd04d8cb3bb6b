import { createHash } from 'node:crypto';
import { digestFromHex, digestHex } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import { choosePlatform, type Platform } from '../../../common/platform.ts';
import { readReference } from '../../../common/reference.ts';
import { parseImageConfig } from '../config.ts';
import type { ImageContext } from '../context.ts';
import {
  isIndex,
  isRunnable,
  type Manifest,
  manifestMax,
  noSuchPlatform,
  parseManifest,
} from '../manifest.ts';
import { isLayerType } from '../media-types.ts';
import { tagName } from '../registration.ts';
import type { Descriptor } from '../types.ts';
import { type ArchiveFiles, readSmall } from './files.ts';
import type { FoundImage } from './found.ts';

/** Indexes in indexes: more is a loop or an attack. */
const nestingMax = 4;

/** The descriptors of an OCI layout's `index.json` (image-layout.md); undefined when there is none. */
export async function readLayoutIndex(files: ArchiveFiles): Promise<readonly Descriptor[] | undefined> {
  const content = await readSmall(files, { name: 'index.json', max: manifestMax });
  if (content === undefined) return undefined;
  const parsed = parseManifest(content, { what: "The archive's index.json" });
  return isIndex(parsed) ? parsed.manifests : undefined;
}

/**
 * The name that an entry of index.json gives: docker's and containerd's full name, else a `ref.name` that
 * cannot be a mere tag (skopeo and podman write what they were given, docker writes only the tag).
 */
export function nameOf(entry: Descriptor): string | undefined {
  const full = entry.annotations?.['io.containerd.image.name'];
  const name = entry.annotations?.['org.opencontainers.image.ref.name'];
  for (const one of [full, name !== undefined && /[/:]/.test(name) ? name : undefined]) {
    const { reference } = readReference(one ?? '');
    if (one !== undefined && reference !== undefined && reference.digest === undefined) return tagName(one);
  }
  return undefined;
}

/** The image that `entries` (all of one name) hold for this host. Throws `not-found` when none fits, `image-invalid`. */
export async function findLayoutImage(
  context: ImageContext,
  source: {
    readonly files: ArchiveFiles;
    readonly entries: readonly Descriptor[];
    readonly names: readonly string[];
  },
): Promise<FoundImage> {
  const { files, names } = source;
  const { content, manifest } = await findManifest(files, { entries: source.entries, host: context.host });
  const config = await readBlob(files, manifest.config);
  const diffIds = parseImageConfig(config, context.host).rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length) {
    throw invalid(`its manifest has ${manifest.layers.length} layers where the config has ${diffIds.length}`);
  }
  for (const layer of manifest.layers) {
    if (!isLayerType(layer.mediaType)) throw invalid(`"${layer.mediaType}" is not the type of a layer`);
  }
  return {
    config,
    names,
    manifest: { mediaType: manifest.mediaType, content },
    diffIds,
    async fetch(index) {
      const { mediaType, digest, size } = manifest.layers[index] as Descriptor;
      const name = blobName({ digest });
      if ((await files.size(name)) === undefined) throw invalid(`its layer ${name} is missing`);
      await context.store.blobs.ingest(files.open(name), { digest, size, what: `The layer ${digest}` });
      return { mediaType, digest, size };
    },
  };
}

async function findManifest(
  files: ArchiveFiles,
  wanted: { readonly entries: readonly Descriptor[]; readonly host: Platform },
): Promise<{ readonly content: Buffer; readonly manifest: Manifest }> {
  let entries = wanted.entries.filter(isRunnable);
  for (let depth = 0; depth < nestingMax; depth += 1) {
    const entry = chooseEntry(entries, wanted.host);
    const content = await readBlob(files, entry);
    const parsed = parseManifest(content, { declared: entry.mediaType, what: `The blob ${entry.digest}` });
    if (!isIndex(parsed)) return { content, manifest: parsed };
    entries = parsed.manifests.filter(isRunnable);
  }
  throw invalid('its indexes are nested too deeply');
}

/** A single entry is taken whatever its platform, as docker does; of several, the one for this host. */
function chooseEntry(entries: readonly Descriptor[], host: Platform): Descriptor {
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return only;
  const offered = entries.flatMap(value => (value.platform ? [{ platform: value.platform, value }] : []));
  const chosen = choosePlatform(host, offered) ?? entries.find(entry => entry.platform === undefined);
  if (chosen !== undefined) return chosen;
  throw noSuchPlatform(
    'The archive',
    host,
    offered.map(one => one.platform),
  );
}

async function readBlob(
  files: ArchiveFiles,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
): Promise<Buffer> {
  const name = blobName(descriptor);
  const content = await readSmall(files, { name, max: manifestMax });
  if (content === undefined) throw invalid(`its blob ${name} is missing`);
  const digest = digestFromHex(createHash('sha256').update(content).digest('hex'));
  if (digest !== descriptor.digest) throw invalid(`its blob ${name} has the digest ${digest}`);
  if (content.length !== descriptor.size) {
    throw invalid(`its blob ${name} has ${content.length} bytes where ${descriptor.size} were promised`);
  }
  return content;
}

function blobName({ digest }: Pick<Descriptor, 'digest'>): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

function invalid(why: string): SampanError {
  return new SampanError('image-invalid', `The OCI archive is not valid: ${why}.`, {
    hint: 'Save the image again where it comes from.',
  });
}
