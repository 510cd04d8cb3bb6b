import type { Digest } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import type { LayerBlob } from '../../snapshot/types.ts';
import { type Check, count, digest, listOf, optional, SchemaError, shape, text } from '../../store/schema.ts';

/**
 * BuildKit's cache manifest (cache/remotecache/v1): a config of this media type beside the layers that it speaks of.
 * The shape is BuildKit's, so that registries and tools know it. The keys are not: a record's digest is Sampan's
 * cache key of a step (stepKeys.ts), which has all inputs in it, where BuildKit's is of one operation and its
 * `inputs` have the rest. Neither finds a hit in a cache of the other; both ignore what they do not know.
 */
export const cacheConfigType = 'application/vnd.buildkit.cacheconfig.v0';

/** Field of an image's config that holds the records of an inline cache, as base64 of JSON. */
export const inlineField = 'moby.buildkit.cache.v0';

/** A step's result: its layers, bottom first. */
export interface CacheRecord {
  /** Of the step. */
  readonly key: string;
  /** Key of the step below; undefined for none. */
  readonly parent: string | undefined;
  readonly layers: readonly CacheLayer[];
}

/** A record as far as its keys and the places of its layers go. */
interface KeyedLayers extends Pick<CacheRecord, 'key' | 'parent'> {
  readonly layers: readonly Pick<CacheLayer, 'diffId' | 'createdAt'>[];
}

export interface CacheLayer {
  readonly diffId: Digest;
  readonly blob: LayerBlob;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** The document; layers and records stand in the order in which they are first needed. */
export function encodeCacheConfig(records: readonly CacheRecord[]): {
  readonly content: Buffer;
  readonly layers: readonly CacheLayer[];
} {
  const table = new LayerTable();
  const tops = records.map(({ layers }) => table.add(layers));
  const document = {
    layers: table.layers.map(({ layer, parent }) => ({
      blob: layer.blob.digest,
      parent,
      annotations: {
        mediaType: layer.blob.mediaType,
        diffID: layer.diffId,
        size: layer.blob.size,
        createdAt: layer.createdAt,
      },
    })),
    records: encodeRecords(records, tops),
  };
  const unique = new Map(table.layers.map(({ layer }) => [layer.blob.digest, layer]));
  return { content: Buffer.from(JSON.stringify(document)), layers: [...unique.values()] };
}

/** For the config of an image with these layers: the records whose results are the lowest of them. */
export function encodeInline(records: readonly KeyedLayers[], diffIds: readonly Digest[]): string {
  const inside = records.filter(({ layers }) =>
    layers.every(({ diffId }, index) => diffId === diffIds[index]),
  );
  const tops = inside.map(({ layers }) => layers.length - 1);
  return Buffer.from(JSON.stringify(encodeRecords(inside, tops))).toString('base64');
}

function encodeRecords(records: readonly KeyedLayers[], tops: readonly number[]): readonly object[] {
  const indexes = new Map(records.map(({ key }, index) => [key, index]));
  return records.map(({ key, parent, layers }, index) => {
    const link = parent === undefined ? undefined : indexes.get(parent);
    return {
      layers: [{ layer: tops[index], createdAt: layers.at(-1)?.createdAt }],
      digest: `sha256:${key}`,
      ...(link !== undefined && { inputs: [[{ link }]] }),
    };
  });
}

/** Layers by their place in a tree: those of one parent and content are one. */
class LayerTable {
  readonly layers: { readonly layer: CacheLayer; readonly parent: number }[] = [];
  readonly #indexes = new Map<string, number>();

  /** Gives the index of the topmost. */
  add(chain: readonly CacheLayer[]): number {
    let parent = -1;
    for (const layer of chain) {
      const name = `${parent} ${layer.diffId}`;
      const known = this.#indexes.get(name);
      const index = known ?? this.layers.push({ layer, parent }) - 1;
      this.#indexes.set(name, index);
      parent = index;
    }
    return parent;
  }
}

/** What a key gives: layers, bottom first. */
export type ImportedCache = ReadonlyMap<string, readonly CacheLayer[]>;

const recordShape = shape({
  digest,
  layers: optional(listOf(shape({ layer: count }))),
});

/** -1 for none. */
const parentIndex: Check<number> = (value, at) => (value === -1 ? -1 : count(value, at));

const configShape = shape({
  layers: optional(
    listOf(
      shape({
        blob: digest,
        parent: optional(parentIndex),
        annotations: optional(
          shape({
            mediaType: optional(text),
            diffID: optional(digest),
            size: optional(count),
            createdAt: optional(text),
          }),
        ),
      }),
    ),
  ),
  records: optional(listOf(recordShape)),
});

/** Throws `image-invalid`. Records whose layers are not all described are left out. */
export function decodeCacheConfig(content: Uint8Array, what: string): ImportedCache {
  const { layers = [], records = [] } = checked(content, { what, check: configShape });
  const described = layers.map(({ blob, parent, annotations }) => {
    const { mediaType, diffID, size, createdAt = '' } = annotations ?? {};
    if (mediaType === undefined || diffID === undefined || size === undefined) return undefined;
    const layer = { diffId: diffID, blob: { mediaType, digest: blob, size }, createdAt };
    return { layer, parent: parent ?? -1 };
  });
  /** Undefined for a chain that leaves the table, goes in a circle, or has a layer that is not described. */
  const chainOf = (top: number): readonly CacheLayer[] | undefined => {
    const chain: CacheLayer[] = [];
    for (let at = top; at !== -1; ) {
      const found = described[at];
      if (found === undefined || chain.length > described.length) return undefined;
      chain.unshift(found.layer);
      at = found.parent;
    }
    return chain;
  };
  return collected(records, chainOf);
}

/** The records in an image's config, whose layers are the image's. Empty without them. Throws `image-invalid`. */
export function decodeInline(
  config: Uint8Array,
  { what, layers }: { readonly what: string; readonly layers: readonly CacheLayer[] },
): ImportedCache {
  const document = JSON.parse(Buffer.from(config).toString('utf8')) as { readonly [field: string]: unknown };
  const encoded = document[inlineField];
  if (typeof encoded !== 'string') return new Map();
  const content = Buffer.from(encoded, 'base64');
  const records = checked(content, { what, check: listOf(recordShape) });
  return collected(records, top => (top < layers.length ? layers.slice(0, top + 1) : undefined));
}

function collected(
  records: readonly ReturnType<typeof recordShape>[],
  chainOf: (top: number) => readonly CacheLayer[] | undefined,
): ImportedCache {
  const found = new Map<string, readonly CacheLayer[]>();
  for (const record of records) {
    const [result] = record.layers ?? [];
    const chain = result && chainOf(result.layer);
    if (chain) found.set(record.digest.slice('sha256:'.length), chain);
  }
  return found;
}

function checked<T>(
  content: Uint8Array,
  { what, check }: { readonly what: string; readonly check: Check<T> },
): T {
  try {
    return check(JSON.parse(Buffer.from(content).toString('utf8')), '');
  } catch (error) {
    if (!(error instanceof SchemaError || error instanceof SyntaxError)) throw error;
    throw new SampanError('image-invalid', `${what} is not a build cache: ${error.message}.`, {
      hint: 'Write it again with --cache-to, or leave it out.',
      cause: error,
    });
  }
}
