import type { MountOption } from '../../server/protocol/types.ts';
import { splitWords } from './commandLine.ts';

/** Mounts as typed, or what is wrong with them. */
export type MountsInput =
  | { readonly mounts: readonly MountOption[]; readonly problem?: undefined }
  | { readonly problem: string };

/**
 * Reads mounts in the words of docker's `-v`, separated by blanks: `data:/srv/data` (a volume), `/srv:/srv:ro` (a folder
 * of this machine), `/cache` (an anonymous volume). A folder that begins with `./` is in `folder`.
 */
export function parseMounts(text: string, folder: string | undefined): MountsInput {
  try {
    const mounts: MountOption[] = [];
    for (const word of splitWords(text)) {
      const mount = parseMount(word, folder);
      if (typeof mount === 'string') return { problem: mount };
      mounts.push(mount);
    }
    return { mounts };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function parseMount(word: string, folder: string | undefined): MountOption | string {
  const match = /^(?:([^:]+):)?(\/[^:]*)(?::(ro|rw))?$/.exec(word);
  if (match === null) return `${word} is not a mount: write data:/srv/data, /folder:/srv:ro or /cache.`;
  const [, source, target = '', mode] = match;
  const readOnly = mode === 'ro';
  const volume: MountOption = { type: 'volume', target, readOnly, options: [], createSource: true };
  if (source === undefined) return volume;
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(source)) return { ...volume, source };
  if (source.startsWith('/')) return { ...volume, type: 'bind', source };
  if (/^\.\.?(\/|$)/.test(source) && folder !== undefined)
    return { ...volume, type: 'bind', source: `${folder}/${source}` };
  return `${source} is neither the name of a volume nor an absolute folder.`;
}
