import { type Reference, readReference } from '../../common/reference.ts';

/** Where people read about images of a registry, by its host. */
const pages: { readonly [domain: string]: (path: string) => string | undefined } = {
  'docker.io': path =>
    path.startsWith('library/')
      ? `https://hub.docker.com/_/${path.slice('library/'.length)}/`
      : `https://hub.docker.com/r/${path}/`,
  'ghcr.io': path => {
    const [owner, repository, ...rest] = path.split('/');
    if (!owner || !repository) return undefined;
    const name = [repository, ...rest].map(encodeURIComponent).join('%2F');
    return `https://github.com/${owner}/${repository}/pkgs/container/${name}`;
  },
  'mcr.microsoft.com': path => `https://mcr.microsoft.com/artifact/mar/${path}`,
  'quay.io': path => `https://quay.io/repository/${path}`,
  'public.ecr.aws': path => `https://gallery.ecr.aws/${path}`,
  'registry.gitlab.com': path =>
    `https://gitlab.com/${path.split('/').slice(0, 2).join('/')}/container_registry`,
  'gcr.io': path => `https://gcr.io/${path}`,
};

/** The page about an image, and how many characters of the reference name its repository. */
export interface RegistryPage {
  readonly target: string;
  /** Length of the reference without tag and digest. */
  readonly nameLength: number;
  readonly reference: Reference;
}

/** The page of the image that `text` names; undefined for what is no reference or of a registry without pages. */
export function registryPage(text: string): RegistryPage | undefined {
  const { reference } = readReference(text);
  if (!reference) return undefined;
  const page = Object.hasOwn(pages, reference.domain) ? pages[reference.domain] : undefined;
  const target = page?.(reference.path);
  if (target === undefined) return undefined;
  const suffix = [
    reference.digest === undefined ? '' : `@${reference.digest}`,
    reference.tag === undefined ? '' : `:${reference.tag}`,
  ].join('');
  return { target, nameLength: text.length - suffix.length, reference };
}
