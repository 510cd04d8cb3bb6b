import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentLinkParams } from 'vscode-languageserver';
import { type ContextLink, contextLinks, documentLinks } from '../../language/features/documentLinks.ts';
import type { DocumentLink } from '../../language/features/types.ts';
import type { FeatureServices } from './features.ts';
import { localPath } from './localPath.ts';

/** Links to pages, and to the files of the build context that are there. */
export async function links(
  { analysisOf }: FeatureServices,
  { textDocument: { uri } }: DocumentLinkParams,
): Promise<DocumentLink[] | null> {
  const result = analysisOf(uri)?.result;
  if (result === undefined) return null;
  const path = localPath(uri);
  const files = path === undefined ? [] : contextLinks(result).map(link => fileLink(dirname(path), link));
  return [...documentLinks(result), ...(await Promise.all(files)).flat()];
}

async function fileLink(context: string, { range, path }: ContextLink): Promise<DocumentLink[]> {
  const file = resolve(context, `./${path}`);
  const isOutside = file !== context && !file.startsWith(`${context}/`);
  const isThere = !isOutside && (await access(file).then(yes, no));
  return isThere ? [{ range, target: pathToFileURL(file).href }] : [];
}

const yes = (): true => true;
const no = (): false => false;
