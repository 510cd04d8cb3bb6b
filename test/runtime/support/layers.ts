import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { RootfsLayers } from '../../../server/engine/runtime/types.ts';
import type { Sandbox } from './sandbox.ts';
import { busyboxRootfs } from './spec.ts';

/** An image layer of one's own above busybox: the lowers of a rootfs. */
export function layer(sandbox: Sandbox, name: string, fill: (directory: string) => void): readonly string[] {
  const directory = join(sandbox.base, name);
  mkdirSync(directory);
  fill(directory);
  return [directory, busyboxRootfs(sandbox)];
}

/** The change of a spec that runs on these layers, with an upper directory of its own. */
export function onLayers(sandbox: Sandbox, lowers: readonly string[]): { readonly rootfs: RootfsLayers } {
  const folder = mkdtempSync(join(sandbox.base, 'upper-'));
  const [upper, work] = [join(folder, 'upper'), join(folder, 'work')];
  mkdirSync(upper);
  mkdirSync(work);
  return { rootfs: { lowers, upper, work } };
}
