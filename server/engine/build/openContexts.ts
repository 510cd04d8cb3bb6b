import { resolve } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import type { BuilderParts, BuildRun } from './buildContext.ts';
import { type BuildContext, openContext } from './context.ts';
import { layoutPlaceOf } from './layoutPlace.ts';
import type { NamedContext } from './planTypes.ts';
import type { BuildOptions } from './types.ts';

/** The build context and the named ones that are folders. */
export async function openContexts(
  { native, store }: BuilderParts,
  options: BuildOptions,
): Promise<Pick<BuildRun, 'context' | 'contexts'>> {
  const open = (directory: string | undefined, dockerfilePath: string | undefined) =>
    openContext({
      directory: directory === undefined ? undefined : resolve(directory),
      isKept: directory !== undefined && !directory.startsWith(`${store.paths.tmp}/`),
      dockerfilePath,
      native,
      store,
    });
  const folders = Object.entries(options.contexts ?? {}).filter(
    ([, value]) => namedContext(value).kind === 'folder',
  );
  const [context, ...named] = await Promise.all([
    open(options.contextDirectory, options.dockerfile.path),
    ...folders.map(([, directory]) => open(directory, undefined)),
  ]);
  const contexts = new Map(
    folders.map(([name], index) => [name.toLowerCase(), named[index] as BuildContext] as const),
  );
  return { context, contexts };
}

/** What `NAME=value` means. Throws `unsupported`. */
export function namedContext(value: string): NamedContext {
  const image = /^docker-image:\/\/(.+)$/.exec(value)?.[1];
  if (image !== undefined) return { kind: 'image', reference: image };
  if (layoutPlaceOf(value) !== undefined) return { kind: 'image', reference: value };
  if (!/^[a-z-]+:\/\//.test(value)) return { kind: 'folder' };
  throw new SampanError('unsupported', `The named context ${value} is neither a folder nor an image.`, {
    hint: 'Give a folder, docker-image:// and a reference, or oci-layout:// and the folder of an OCI layout.',
  });
}
