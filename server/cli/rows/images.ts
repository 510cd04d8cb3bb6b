import { formatSize } from '../../common/sizes.ts';
import type { ImageSummary } from '../../protocol/types.ts';
import type { Layout, Row } from '../listing.ts';
import { ago, goTime, shortId } from '../words.ts';

const none = '<none>';

export const imageLayout: Layout = {
  headings: {
    Repository: 'REPOSITORY',
    Tag: 'TAG',
    Digest: 'DIGEST',
    ID: 'IMAGE ID',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    Size: 'SIZE',
    Containers: 'CONTAINERS',
    SharedSize: 'SHARED SIZE',
    UniqueSize: 'UNIQUE SIZE',
    VirtualSize: 'VIRTUAL SIZE',
  },
  columns: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size'],
  quiet: 'ID',
};

export const imageLayoutWithDigests: Layout = {
  ...imageLayout,
  columns: ['Repository', 'Tag', 'Digest', 'ID', 'CreatedSince', 'Size'],
};

/** One row for every tag, as docker lists; an image without a tag has one row of `<none>`. */
export function imageRows(
  image: ImageSummary,
  options: { readonly trunc: boolean; readonly now: number },
): Row[] {
  const common = {
    ID: options.trunc ? shortId(image.id) : image.id,
    CreatedSince: ago(image.createdAt, options.now),
    CreatedAt: goTime(image.createdAt),
    Size: formatSize(image.size),
    Containers: String(image.containers.length),
    SharedSize: 'N/A',
    UniqueSize: 'N/A',
    VirtualSize: formatSize(image.size),
  };
  const digests = new Map(image.repoDigests.map(splitDigest));
  if (image.tags.length > 0) {
    return image.tags.map(tag => {
      const { repository, name } = splitTag(tag);
      return { ...common, Repository: repository, Tag: name, Digest: digests.get(repository) ?? none };
    });
  }
  const [[repository, digest] = [none, none]] = digests;
  return [{ ...common, Repository: repository, Tag: none, Digest: digest }];
}

/** `host:5000/a:1` is the repository `host:5000/a` and the tag `1`. */
export function splitTag(reference: string): { readonly repository: string; readonly name: string } {
  const colon = reference.lastIndexOf(':');
  if (colon < reference.lastIndexOf('/') || colon < 0) return { repository: reference, name: none };
  return { repository: reference.slice(0, colon), name: reference.slice(colon + 1) };
}

function splitDigest(reference: string): [repository: string, digest: string] {
  const at = reference.lastIndexOf('@');
  return [reference.slice(0, at), reference.slice(at + 1)];
}
