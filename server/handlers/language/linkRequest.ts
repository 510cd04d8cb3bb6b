import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentLinkParams } from 'vscode-languageserver';
import { type ContextLink, contextLinks, documentLinks } from '../../language/features/documentLinks.ts';
import type { DocumentLink } from '../../language/features/types.ts';
import type { FeatureServices } from './features.ts';

/** Links to pages, and to the files of the build context that are there. */
export async function links(
  { analysisOf, contextOf }: FeatureServices,
  { textDocument: { uri } }: DocumentLinkParams,
): Promise<DocumentLink[] | null> {
  const result = analysisOf(uri)?.result;
  if (result === undefined) return null;
  const context = contextOf(uri);
  const files = context === undefined ? [] : contextLinks(result).map(link => fileLink(context, link));
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
