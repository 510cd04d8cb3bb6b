import { SampanError } from '../../common/errors.ts';
import type { Platform } from '../../common/platform.ts';
import { count, digest, listOf, mapOf, oneOf, optional, SchemaError, shape, text } from '../store/schema.ts';
import type { ImageConfig } from './types.ts';

const flag = (value: unknown, at: string): boolean => {
  if (typeof value === 'boolean') return value;
  throw new SchemaError(`${at} is not true or false`);
};

/** Go's `map[string]struct{}`: only the keys say something. */
const set = mapOf((): Record<string, never> => ({}));

const runConfig = shape({
  User: optional(text),
  ExposedPorts: optional(set),
  Env: optional(listOf(text)),
  Entrypoint: optional(listOf(text)),
  Cmd: optional(listOf(text)),
  Volumes: optional(set),
  WorkingDir: optional(text),
  Labels: optional(mapOf(text)),
  StopSignal: optional(text),
  Shell: optional(listOf(text)),
  OnBuild: optional(listOf(text)),
  Healthcheck: optional(
    shape({
      Test: optional(listOf(text)),
      Interval: optional(count),
      Timeout: optional(count),
      StartPeriod: optional(count),
      StartInterval: optional(count),
      Retries: optional(count),
    }),
  ),
});

const imageConfig = shape({
  created: optional(text),
  author: optional(text),
  // Old docker archives leave these two out.
  architecture: optional(text),
  os: optional(text),
  variant: optional(text),
  config: optional(runConfig),
  rootfs: shape({ type: oneOf('layers'), diff_ids: listOf(digest) }),
  history: optional(
    listOf(
      shape({
        created: optional(text),
        created_by: optional(text),
        author: optional(text),
        comment: optional(text),
        empty_layer: optional(flag),
      }),
    ),
  ),
});

/**
 * An image config document (OCI image-spec config.md with docker's additions). `null` counts as missing, as
 * Go writes it; a missing platform is `host`. Throws `image-invalid` when a field has another type, or when
 * the history has more layers than the rootfs, which docker refuses too.
 */
export function parseImageConfig(content: Uint8Array, host: Platform): ImageConfig {
  const checked = check(content);
  const withLayer = checked.history?.filter(entry => entry.empty_layer !== true).length ?? 0;
  if (withLayer > checked.rootfs.diff_ids.length) {
    throw invalid(`its history has ${withLayer} layers, its rootfs ${checked.rootfs.diff_ids.length}`);
  }
  const architecture = checked.architecture || host.architecture;
  // Fields that are undefined say nothing: they go, so that a config copied into a new one stays small.
  return JSON.parse(JSON.stringify({ ...checked, architecture, os: checked.os || host.os }));
}

function check(content: Uint8Array) {
  try {
    return imageConfig(JSON.parse(Buffer.from(content).toString('utf8')), '');
  } catch (error) {
    if (error instanceof SchemaError || error instanceof SyntaxError) throw invalid(error.message);
    throw error;
  }
}

function invalid(why: string): SampanError {
  return new SampanError('image-invalid', `The image's config is not valid: ${why}.`, {
    hint: 'The image was damaged or made wrongly: get it again from its source.',
  });
}
