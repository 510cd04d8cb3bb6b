import type { ContainerOptions } from '../../server/protocol/types.ts';

/** Links as typed, or what is wrong with them. */
export type LinksInput =
  | { readonly links: NonNullable<ContainerOptions['links']>; readonly problem?: undefined }
  | { readonly problem: string };

/** Reads links in the words of docker's `--link`, separated by blanks: `db:database`, `db`. */
export function parseLinks(text: string): LinksInput {
  const links: { container: string; alias: string }[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, container, alias] = /^([a-zA-Z0-9][\w.-]*)(?::([a-zA-Z0-9][\w.-]*))?$/.exec(word) ?? [];
    if (container === undefined) return { problem: `${word} is no link: write container:alias.` };
    links.push({ container, alias: alias ?? container });
  }
  return { links };
}
