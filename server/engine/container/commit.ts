import { randomBytes } from 'node:crypto';
import { SampanError } from '../../common/errors.ts';
import type { Image, ImageConfig, RunConfig } from '../image/types.ts';
import type { SnapshotInfo } from '../snapshot/types.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import type { ContainerRecord } from './record.ts';

export interface CommitOptions {
  readonly tags: readonly string[];
  readonly author?: string;
  readonly message?: string;
  /** Dockerfile instructions that change the config. */
  readonly changes?: readonly string[];
}

/** Applies Dockerfile instructions to a config; the builder's. Throws `dockerfile-invalid`. */
export type ApplyChanges = (config: RunConfig, changes: readonly string[]) => Promise<RunConfig>;

/**
 * A container's writable layer as a new layer on its image, with the container's config. The container goes on
 * undisturbed: its files are copied first.
 */
export async function commitContainer(
  context: ContainerContext,
  id: string,
  { options, applyChanges }: { readonly options: CommitOptions; readonly applyChanges: ApplyChanges },
): Promise<Image> {
  const { record } = await requireFacts(context, id);
  const config = await applyChanges(record.config, options.changes ?? []);
  const base = await context.images.resolve(record.image.id);
  const layer = await commitLayer(context, record);
  const image = committedConfig(base.config, { record, config, layer, options });
  return context.images.create(Buffer.from(JSON.stringify(image)), { tags: options.tags });
}

async function commitLayer(context: ContainerContext, record: ContainerRecord): Promise<SnapshotInfo> {
  const source = await context.snapshots.active(record.id);
  if (!source) throw new SampanError('store-corrupt', `The writable layer of ${record.name} is missing.`);
  const key = `commit-${randomBytes(8).toString('hex')}`;
  const copy = await context.snapshots.prepare(key, record.chainId);
  const session = await context.runtime.openFs();
  try {
    await session.copyTree(source.layers.upper, copy.layers.upper);
    return await context.snapshots.commit(session, copy);
  } catch (error) {
    await context.snapshots.remove(key);
    throw error;
  } finally {
    await session.close();
  }
}

/** The image's config document with one more layer and history entry. */
function committedConfig(
  base: ImageConfig,
  input: {
    readonly record: ContainerRecord;
    readonly config: RunConfig;
    readonly layer: SnapshotInfo;
    readonly options: CommitOptions;
  },
): ImageConfig {
  const { record, config, layer, options } = input;
  const created = new Date().toISOString();
  const by = {
    created,
    created_by: record.args.join(' '),
    ...(options.author ? { author: options.author } : {}),
    ...(options.message ? { comment: options.message } : {}),
  };
  return {
    ...base,
    created,
    ...(options.author ? { author: options.author } : {}),
    config,
    rootfs: { type: 'layers', diff_ids: [...base.rootfs.diff_ids, layer.diffId] },
    history: [...(base.history ?? []), by],
  };
}
