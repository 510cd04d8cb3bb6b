import { resolve } from 'node:path';
import type { CachePlace, CacheTarget } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';
import { type Fields, fieldsOf, pairsOf } from './fields.ts';
import { compressionOf } from './outputs.ts';

/** `--cache-from`: `type=registry,ref=…`, `type=local,src=…[,tag=…][,digest=…]`, or a reference alone, as buildx reads them. */
export function readCacheFrom(text: string): CachePlace {
  if (!text.includes('=')) return { kind: 'registry', reference: text };
  const fields = fieldsOf(pairsOf(text, 'cache'), { what: 'cache', text });
  const place = placeOf(fields, { text, folderKey: 'src' });
  if (!place)
    throw usageFailure(`invalid cache "${text}": an inline cache is read with type=registry,ref=IMAGE`);
  fields.end();
  return place;
}

/** `--cache-to`: as `--cache-from` with `dest`, `mode=min|max` and compression, or `type=inline`. */
export function readCacheTo(text: string): CacheTarget | 'inline' {
  const pairs: readonly (readonly [string, string])[] = text.includes('=')
    ? pairsOf(text, 'cache')
    : [
        ['type', 'registry'],
        ['ref', text],
      ];
  const fields = fieldsOf(pairs, { what: 'cache', text });
  const place = placeOf(fields, { text, folderKey: 'dest' });
  const mode = fields.take('mode') ?? 'min';
  if (mode !== 'min' && mode !== 'max')
    throw usageFailure(`invalid cache "${text}": mode must be min or max`);
  if (!place) {
    fields.end();
    return 'inline';
  }
  const target = { place, mode, ...readPacking(fields, text) } as const;
  fields.end();
  return target;
}

/** Undefined for `type=inline`. */
function placeOf(
  fields: Fields,
  { text, folderKey }: { readonly text: string; readonly folderKey: 'src' | 'dest' },
): CachePlace | undefined {
  const type = fields.take('type');
  if (type === 'inline') return undefined;
  if (type === 'registry')
    return { kind: 'registry', reference: needed(fields.take('ref'), { text, key: 'ref' }) };
  if (type !== 'local')
    throw usageFailure(`invalid cache "${text}": the type must be local, registry or inline`);
  const folder = resolve(needed(fields.take(folderKey), { text, key: folderKey }));
  const [tag, digest] = [fields.take('tag'), fields.take('digest')];
  return { kind: 'folder', folder, ...(tag && { tag }), ...(digest && { digest }) };
}

function readPacking(fields: Fields, text: string): Omit<CacheTarget, 'place' | 'mode'> {
  const level = fields.take('compression-level');
  if (level !== undefined && !/^\d{1,2}$/.test(level))
    throw usageFailure(`invalid cache "${text}": compression-level must be a number`);
  if (fields.boolean('oci-mediatypes') === false)
    throw usageFailure(`invalid cache "${text}": a cache has OCI media types`);
  return {
    compression: compressionOf(fields.take('compression') ?? 'gzip'),
    ...(level !== undefined && { compressionLevel: Number(level) }),
    forceCompression: fields.boolean('force-compression') ?? false,
    isImageManifest: fields.boolean('image-manifest') ?? true,
    ignoreError: fields.boolean('ignore-error') ?? false,
  };
}

function needed(
  value: string | undefined,
  { text, key }: { readonly text: string; readonly key: string },
): string {
  if (value) return value;
  throw usageFailure(`invalid cache "${text}": ${key} is required`);
}
