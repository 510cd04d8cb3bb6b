import * as vscode from 'vscode';
import type { PageTexts } from './page/graph.ts';

/** The page of the map: its own script and style and nothing else, from nowhere else. */
export function pageHtml(source: {
  readonly nonce: string;
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
}): string {
  const { nonce, cspSource, script, style } = source;
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'`;
  const texts = pageTexts();
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${style}">
<title>${escaped(texts.map)}</title>
</head>
<body>
<main id="map" data-texts="${escaped(JSON.stringify(texts))}"></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

function pageTexts(): PageTexts {
  return {
    map: vscode.l10n.t('Map of images, containers, volumes and links'),
    list: vscode.l10n.t('List'),
    zoomIn: vscode.l10n.t('Zoom in'),
    zoomOut: vscode.l10n.t('Zoom out'),
    fit: vscode.l10n.t('Show all'),
    showUnused: vscode.l10n.t('Show what nothing uses'),
    empty: vscode.l10n.t('No containers yet.'),
    image: vscode.l10n.t('Images'),
    container: vscode.l10n.t('Containers'),
    volume: vscode.l10n.t('Volumes'),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);
}
