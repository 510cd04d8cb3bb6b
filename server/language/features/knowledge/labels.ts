/** Keys of the OCI image specification ("Annotations", annotations.md), in our words. */
export const labelKeys: { readonly [key: string]: string } = {
  'org.opencontainers.image.authors': 'Who is responsible for the image, with a way to reach them.',
  'org.opencontainers.image.base.digest': 'Digest of the manifest of the image that this one is based on.',
  'org.opencontainers.image.base.name': 'Reference of the image that this one is based on.',
  'org.opencontainers.image.created': 'Date and time of the build, RFC 3339.',
  'org.opencontainers.image.description': 'What the software in the image does, for people.',
  'org.opencontainers.image.documentation': 'URL of the documentation.',
  'org.opencontainers.image.licenses': 'Licences of the software, as an SPDX expression.',
  'org.opencontainers.image.ref.name': 'Name of the reference that the image is for.',
  'org.opencontainers.image.revision': 'Commit that it was built from.',
  'org.opencontainers.image.source': 'URL of the source code.',
  'org.opencontainers.image.title': 'Name of the image, for people.',
  'org.opencontainers.image.url': 'URL with more about the image.',
  'org.opencontainers.image.vendor': 'Organisation that distributes it.',
  'org.opencontainers.image.version': 'Version of the packaged software.',
};
