/** A git repository, or an archive or Dockerfile at an address. */
export type RemoteAddress = { readonly kind: 'git' | 'address'; readonly url: string };

/**
 * The kind of what a user gave as a context, undefined for a folder: as buildx tells them apart
 * (`github.com/…`, `git@…`, `git://`, `ssh://`, and http(s) addresses of a repository by its `.git`).
 */
export function remoteContextOf(text: string): RemoteAddress | undefined {
  if (/^(git|ssh):\/\/|^git@|^github\.com\//.test(text)) {
    return { kind: 'git', url: text.startsWith('github.com/') ? `https://${text}` : text };
  }
  if (!/^https?:\/\//.test(text)) return undefined;
  const [address = ''] = text.split(/[#?]/, 1);
  return { kind: address.endsWith('.git') ? 'git' : 'address', url: text };
}
