/**
 * A repository name made from a folder's name: what is not allowed in one becomes `-`
 * (distribution reference grammar, path-component).
 */
export function imageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
  return name === '' ? 'image' : name;
}

/** The tag for a Dockerfile: `web` for `web/Dockerfile`, `web-dev` for `web/Dockerfile.dev` and `web/dev.Dockerfile`. */
export function defaultTag(folder: string, file: string): string {
  const variant = file
    .replace(/^(dockerfile|containerfile)\.?/i, '')
    .replace(/\.?(dockerfile|containerfile)$/i, '');
  return `${imageName(variant === '' ? folder : `${folder}-${variant}`)}:latest`;
}

/** The tag for a stage of an image: `web:latest` built to `deps` is `web:deps`. */
export function stageTag(tag: string, stage: string): string {
  // A colon before the last slash belongs to a registry's port.
  return `${tag.replace(/:[^/:]*$/, '')}:${stage.toLowerCase()}`;
}
