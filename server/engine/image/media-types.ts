/** Media types of OCI image-spec media-types.md and of docker's registry API, by what they are. */

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const ociConfig = 'application/vnd.oci.image.config.v1+json';
export const ociLayer = 'application/vnd.oci.image.layer.v1.tar';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
export const dockerManifestList = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** What a registry is asked for, most wanted first. */
export const acceptedManifests = [ociIndex, dockerManifestList, ociManifest, dockerManifest];

const indexes = new Set([ociIndex, dockerManifestList]);
const manifests = new Set([ociManifest, dockerManifest]);
const layerPattern =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[.+](?:gzip|zstd))?$/;

export function isIndexType(mediaType: string): boolean {
  return indexes.has(mediaType);
}

export function isManifestType(mediaType: string): boolean {
  return manifests.has(mediaType);
}

/** True for a layer that unpacks as a tar change set, whatever its compression (which is told from its bytes). */
export function isLayerType(mediaType: string): boolean {
  return layerPattern.test(mediaType);
}

/** The OCI layer type of bytes in this compression. */
export function layerType(compression: 'none' | 'gzip' | 'zstd'): string {
  return compression === 'none' ? ociLayer : `${ociLayer}+${compression}`;
}

/** Docker's name for what an OCI media type names; other types stay as they are. */
export function dockerType(mediaType: string): string {
  if (mediaType === ociManifest) return dockerManifest;
  if (mediaType === ociIndex) return dockerManifestList;
  if (mediaType === ociConfig) return 'application/vnd.docker.container.image.v1+json';
  const layer = /^application\/vnd\.oci\.image\.layer\.v1\.tar(?:\+(gzip|zstd))?$/.exec(mediaType);
  if (!layer) return mediaType;
  return `application/vnd.docker.image.rootfs.diff.tar${layer[1] === undefined ? '' : `.${layer[1]}`}`;
}
