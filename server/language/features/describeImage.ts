import { familiarReference, type Reference, readReference, withDefaultTag } from '../../common/reference.ts';
import { formatSize } from '../../common/sizes.ts';
import { inlineCode } from './describe.ts';
import type { LocalImage } from './sources.ts';

/** An image reference taken apart, and what the local store has under its name. */
export function describeReference(text: string, images: readonly LocalImage[]): string {
  const { reference, problem } = readReference(text);
  if (!reference) return `Not an image reference: ${problem}.`;
  const { domain, path, tag, digest } = withDefaultTag(reference);
  const rows = [
    `- registry ${inlineCode(domain)}`,
    `- repository ${inlineCode(path)}`,
    ...(tag === undefined ? [] : [`- tag ${inlineCode(tag)}${reference.tag ? '' : ' (not written)'}`]),
    ...(digest === undefined ? [] : [`- digest ${inlineCode(digest)}`]),
  ];
  const found = findLocal(withDefaultTag(reference), images);
  return [rows.join('\n'), ...(found.length > 0 ? [describeLocal(found)] : [])].join('\n\n');
}

/** Images that the store has under this name or digest, one a platform. */
export function findLocal(reference: Reference, images: readonly LocalImage[]): LocalImage[] {
  const name = familiarReference({ ...reference, digest: undefined });
  const pinned = reference.digest;
  return images.filter(({ names, digests }) =>
    pinned === undefined ? names.includes(name) : digests.some(one => one.endsWith(`@${pinned}`)),
  );
}

function describeLocal(images: readonly LocalImage[]): string {
  return images
    .map(image => {
      const digests = new Set(image.digests.map(one => one.slice(one.indexOf('@') + 1)));
      const rows = [
        ...[...digests].map(digest => `- digest ${inlineCode(digest)}`),
        `- image ID ${inlineCode(image.id)}`,
        `- platform ${inlineCode(image.platform)}`,
        `- ${formatSize(image.size)}, made ${image.createdAt.slice(0, 10)}`,
        ...(image.user ? [`- user ${inlineCode(image.user)}`] : []),
        ...(image.workdir ? [`- working directory ${inlineCode(image.workdir)}`] : []),
        ...(image.ports.length > 0 ? [`- ports ${image.ports.map(inlineCode).join(', ')}`] : []),
        ...(image.onbuild.length > 0 ? [`- ${image.onbuild.length} ONBUILD triggers`] : []),
      ];
      return `In the store:\n${rows.join('\n')}`;
    })
    .join('\n\n');
}
