import { randomBytes } from 'node:crypto';
import type { Digest } from '../../common/digest.ts';
import { normalizePlatform } from '../../common/platform.ts';
import { decompress } from './compression.ts';
import type { ImageContext } from './context.ts';
import { lazySession } from './layers.ts';
import { registerImage, tagName } from './registration.ts';
import type { ImageConfig, RunConfig } from './types.ts';

/**
 * A one-layer image from a tar of a root file system, plain or compressed. The layer's tar is not kept: it
 * is made again from the files when somebody saves the image, so the diffID is that of our own tar.
 */
export async function importImage(
  context: ImageContext,
  tar: AsyncIterable<Uint8Array>,
  options: {
    readonly tags: readonly string[];
    readonly config?: RunConfig;
    readonly message?: string;
    readonly platform?: { readonly os: string; readonly architecture: string };
  },
): Promise<Digest> {
  const names = options.tags.map(tagName);
  const session = lazySession(context.openFs);
  const key = `import-${randomBytes(8).toString('hex')}`;
  try {
    const active = await context.snapshots.prepare(key, undefined);
    const fs = await session.get();
    const unpacked = await fs.applyLayer(active.layers.upper, decompress(tar));
    for (const warning of unpacked.warnings ?? []) context.warn(warning);
    const layer = await context.snapshots.commit(fs, active);
    const config = configOf(layer.diffId, { ...options, host: context.host });
    return await registerImage(context, { config: Buffer.from(JSON.stringify(config)), names });
  } catch (error) {
    await context.snapshots.remove(key);
    throw error;
  } finally {
    await session.close();
  }
}

function configOf(
  diffId: Digest,
  options: {
    readonly config?: RunConfig;
    readonly message?: string;
    readonly platform?: { readonly os: string; readonly architecture: string };
    readonly host: { readonly os: string; readonly architecture: string };
  },
): ImageConfig {
  const created = new Date().toISOString();
  return {
    created,
    ...normalizePlatform(options.platform ?? options.host),
    ...(options.config === undefined ? {} : { config: options.config }),
    rootfs: { type: 'layers', diff_ids: [diffId] },
    // Docker's comment for an import without one.
    history: [{ created, comment: options.message ?? 'Imported from -' }],
  };
}
