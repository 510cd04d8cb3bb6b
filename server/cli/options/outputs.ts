import { resolve } from 'node:path';
import type { Annotation, BuildOutput, ImageArchiveOutput, ImageForm } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';
import { type Fields, fieldsOf, pairsOf } from './fields.ts';

/** Stands for stdout as a destination. */
export const standardOutput = '-';

/**
 * `--output`: comma-separated fields as buildx reads them, or a folder, or `-` for a tar on stdout. `tags` are
 * the names inside an image archive unless the output names it; `annotations` are added to its own.
 */
export function readOutput(
  text: string,
  { tags, annotations }: { readonly tags: readonly string[]; readonly annotations: readonly Annotation[] },
): BuildOutput {
  const fields = fieldsOf(outputPairs(text), { what: 'output', text });
  const type = fields.take('type');
  const destination = fields.take('dest') ?? fields.take('destination');
  const output = outputOf(type, { destination, fields, text, tags, annotations });
  fields.end();
  return output;
}

interface Parts {
  readonly destination: string | undefined;
  readonly fields: Fields;
  readonly text: string;
  readonly tags: readonly string[];
  readonly annotations: readonly Annotation[];
}

function outputOf(type: string | undefined, parts: Parts): BuildOutput {
  const { destination, fields, text } = parts;
  switch (type) {
    case 'local':
      return {
        kind: 'folder',
        path: resolve(needed(destination, text)),
        splitPlatforms: fields.boolean('platform-split') ?? true,
      };
    case 'tar':
      return { kind: 'rootfs-archive', path: destinationFile(destination) };
    case 'oci':
      return imageArchive('oci-archive', parts);
    case 'docker':
      return destination === undefined ? imageInStore(parts) : imageArchive('docker-archive', parts);
    case 'image':
      return imageInStore(parts);
    case 'cacheonly':
      return { kind: 'none' };
    case 'registry':
      return pushedImage(parts);
    case undefined:
      throw usageFailure(`invalid output "${text}": type is required`);
    default:
      throw usageFailure(
        `invalid output "${text}": the type must be local, tar, oci, docker, image, registry or cacheonly`,
      );
  }
}

/** Names of the image are those of `-t`; what only a registry would see is refused, not forgotten. */
function imageInStore(parts: Parts): BuildOutput {
  const { fields } = parts;
  if (fields.boolean('push')) return pushedImage(parts);
  fields.boolean('load');
  fields.boolean('unpack');
  return { kind: 'image' };
}

function pushedImage(parts: Parts): BuildOutput {
  parts.fields.boolean('unpack');
  const form = imageForm(parts);
  if (form.names.length > 0) return { kind: 'registry', ...form };
  throw usageFailure('tag is needed when pushing to registry');
}

function imageArchive(format: ImageArchiveOutput['format'], parts: Parts): ImageArchiveOutput {
  const { destination, fields, text } = parts;
  const isFolder = fields.boolean('tar') === false;
  const path = isFolder ? resolve(needed(destination, text)) : destinationFile(destination);
  return { kind: 'image-archive', path, isFolder, format, ...imageForm(parts) };
}

function imageForm(parts: Parts): ImageForm {
  const { fields, tags, text } = parts;
  const names = fields
    .take('name')
    ?.split(',')
    .filter(name => name !== '');
  const level = fields.take('compression-level');
  if (level !== undefined && !/^\d{1,2}$/.test(level)) {
    throw usageFailure(`invalid output "${text}": compression-level must be a number`);
  }
  const own = fields.takeAll(/^annotation/).map(([key, value]) => annotationOf(key, value));
  return {
    names: names ?? tags,
    mediaTypes: fields.boolean('oci-mediatypes') === false ? 'docker' : 'oci',
    compression: compressionOf(fields.take('compression') ?? 'gzip'),
    ...(level === undefined ? {} : { compressionLevel: Number(level) }),
    forceCompression: fields.boolean('force-compression') ?? false,
    rewriteTimestamps: fields.boolean('rewrite-timestamp') ?? false,
    annotations: [...parts.annotations, ...own],
  };
}

function destinationFile(destination: string | undefined): string {
  return destination === undefined || destination === standardOutput ? standardOutput : resolve(destination);
}

function needed(destination: string | undefined, text: string): string {
  if (destination) return destination;
  throw usageFailure(`invalid output "${text}": dest is required`);
}

export function compressionOf(name: string): ImageForm['compression'] {
  if (name === 'uncompressed') return 'none';
  if (name === 'gzip' || name === 'zstd') return name;
  throw usageFailure(`invalid compression "${name}": it must be gzip, zstd or uncompressed`);
}

/** `annotation[-LEVEL][[PLATFORM]].KEY`, the form of buildx; without a level it is the manifest's. */
function annotationOf(field: string, value: string): Annotation {
  const match =
    /^annotation(?:-(manifest-descriptor|manifest|index-descriptor|index))?(?:\[([^\]]+)\])?\.(.+)$/.exec(
      field,
    );
  if (!match) throw usageFailure(`invalid annotation "${field}"`);
  const [, level = 'manifest', platform, key = ''] = match;
  return {
    level: level as Annotation['level'],
    key,
    value,
    ...(platform === undefined ? {} : { platform }),
  };
}

/** `--annotation`: `KEY=VALUE`, or `LEVEL[,LEVEL]:KEY=VALUE` where a level may name a platform in brackets. */
export function readAnnotation(text: string): readonly Annotation[] {
  const match = /^(?:((?:manifest|index)[^:=]*):)?([^=]+)=(.*)$/s.exec(text);
  if (!match) throw usageFailure(`invalid annotation "${text}": it must be KEY=VALUE`);
  const [, levels = 'manifest', key = '', value = ''] = match;
  return levels.split(',').map(level => annotationOf(`annotation-${level}.${key}`, value));
}

function outputPairs(text: string): readonly (readonly [string, string])[] {
  if (text === standardOutput) return [['type', 'tar']];
  if (!text.includes('=')) {
    return [
      ['type', 'local'],
      ['dest', text],
    ];
  }
  return pairsOf(text, 'output');
}
