import { SampanError } from '../../../common/errors.ts';
import { listOf, optional, SchemaError, shape, text } from '../../store/schema.ts';
import { detectCompression, magicLength, peek } from '../compression.ts';
import { parseImageConfig } from '../config.ts';
import type { ImageContext } from '../context.ts';
import { manifestMax } from '../manifest.ts';
import { layerType } from '../media-types.ts';
import { tagName } from '../registration.ts';
import { type ArchiveFiles, readSmall } from './files.ts';
import type { FoundImage } from './found.ts';

const manifestList = listOf(
  shape({ Config: text, RepoTags: optional(listOf(text)), Layers: optional(listOf(text)) }),
);

/** One image of a `manifest.json`. */
export interface DockerEntry {
  readonly config: string;
  /** Canonical. */
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

/** The `manifest.json` of a docker archive; undefined when there is none. Throws `image-invalid`. */
export async function readDockerManifest(files: ArchiveFiles): Promise<readonly DockerEntry[] | undefined> {
  const content = await readSmall(files, { name: 'manifest.json', max: manifestMax });
  if (content === undefined) return undefined;
  try {
    return manifestList(JSON.parse(content.toString('utf8')), 'manifest.json').map(entry => ({
      config: entry.Config,
      names: (entry.RepoTags ?? []).map(tagName),
      layers: entry.Layers ?? [],
    }));
  } catch (error) {
    if (error instanceof SchemaError || error instanceof SyntaxError) throw invalid(error.message);
    if (error instanceof SampanError) throw invalid(error.message.replace(/\.$/, ''));
    throw error;
  }
}

/** An image of a docker archive. Its layers have no digest of their own: the diffIDs are what is verified. */
export async function findDockerImage(
  context: ImageContext,
  { files, entry }: { readonly files: ArchiveFiles; readonly entry: DockerEntry },
): Promise<FoundImage> {
  const config = await readSmall(files, { name: entry.config, max: manifestMax });
  if (config === undefined) throw invalid(`its config ${entry.config} is missing`);
  const diffIds = parseImageConfig(config, context.host).rootfs.diff_ids;
  if (diffIds.length !== entry.layers.length) {
    throw invalid(`it lists ${entry.layers.length} layers where the config has ${diffIds.length}`);
  }
  return {
    config,
    names: entry.names,
    manifest: undefined,
    diffIds,
    async fetch(index) {
      const name = entry.layers[index] ?? '';
      if ((await files.size(name)) === undefined) throw invalid(`its layer ${name} is missing`);
      const { head, whole } = await peek(files.open(name), magicLength);
      const compression = detectCompression(head);
      if (compression === 'xz' || compression === 'bzip2')
        throw invalid(`its layer ${name} is ${compression}`);
      const stored = await context.store.blobs.ingest(whole, { what: `The layer ${name}` });
      return { ...stored, mediaType: layerType(compression) };
    },
  };
}

function invalid(why: string): SampanError {
  return new SampanError('image-invalid', `The docker archive is not valid: ${why}.`, {
    hint: 'Save the image again where it comes from.',
  });
}
