import * as vscode from 'vscode';
import { copyInstruction } from './copyInstruction.ts';

const selector: vscode.DocumentSelector = [{ language: 'dockerfile', scheme: 'file' }];
const uriList = 'text/uri-list';
const kind = vscode.DocumentDropOrPasteEditKind.Text.append('dockerfile', 'copy');

/** Files that are dropped or pasted into a Dockerfile become a COPY, or the sources of one. */
export function registerFileDrops(subscriptions: vscode.Disposable[]): void {
  const options = { dropMimeTypes: [uriList], providedDropEditKinds: [kind] };
  const pasting = { pasteMimeTypes: [uriList], providedPasteEditKinds: [kind] };
  subscriptions.push(
    vscode.languages.registerDocumentDropEditProvider(selector, { provideDocumentDropEdits }, options),
    vscode.languages.registerDocumentPasteEditProvider(selector, { provideDocumentPasteEdits }, pasting),
  );
}

async function provideDocumentDropEdits(
  document: vscode.TextDocument,
  position: vscode.Position,
  data: vscode.DataTransfer,
): Promise<vscode.DocumentDropEdit | undefined> {
  const text = await textFor(document, position, data);
  return text === undefined ? undefined : new vscode.DocumentDropEdit(text, title(), kind);
}

async function provideDocumentPasteEdits(
  document: vscode.TextDocument,
  [range]: readonly vscode.Range[],
  data: vscode.DataTransfer,
): Promise<vscode.DocumentPasteEdit[] | undefined> {
  const text = range && (await textFor(document, range.start, data));
  return text === undefined ? undefined : [new vscode.DocumentPasteEdit(text, title(), kind)];
}

async function textFor(
  document: vscode.TextDocument,
  position: vscode.Position,
  data: vscode.DataTransfer,
): Promise<string | undefined> {
  const list = await data.get(uriList)?.asString();
  const uris = (list ?? '').split(/\r?\n/).filter(line => line !== '' && !line.startsWith('#'));
  const files = uris.map(uri => vscode.Uri.parse(uri)).filter(uri => uri.scheme === 'file');
  if (files.length < uris.length) return undefined;
  const before = document.lineAt(position.line).text.slice(0, position.character);
  const paths = files.map(({ path }) => path);
  return copyInstruction(paths, { dockerfile: document.uri.path, before });
}

function title(): string {
  return vscode.l10n.t('Insert as COPY');
}
