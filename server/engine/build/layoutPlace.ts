import { isDigest } from '../../common/digest.ts';
import type { LayoutPlace } from '../image/types.ts';

const scheme = 'oci-layout://';

/** What `oci-layout://FOLDER[:TAG][@DIGEST]` names (buildx build/opt.go); undefined for anything else. */
export function layoutPlaceOf(text: string): LayoutPlace | undefined {
  if (!text.startsWith(scheme)) return undefined;
  const [named = '', digest = ''] = text.slice(scheme.length).split(/@(?=sha256:[0-9a-f]{64}$)/);
  const [, folder = named, tag] = /^(.*):([\w][\w.-]{0,127})$/.exec(named) ?? [];
  return { folder, tag, digest: isDigest(digest) ? digest : undefined };
}
