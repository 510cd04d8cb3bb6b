import { stripVTControlCharacters } from 'node:util';
import type { ImageDetail } from '../server/protocol/types.ts';
import { shortId } from './views/words.ts';

/** An entry of `history` in the OCI image config (image-spec, config.md). */
interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** How an image came about, the latest step first as docker's `history` has it: time, layer, instruction. */
export function historyText(image: ImageDetail): string {
  const { history = [] } = image.config as { readonly history?: readonly HistoryEntry[] };
  const layers = image.layers.map(({ diffId }) => shortId(diffId));
  const rows = history.map(entry => {
    const layer = entry.empty_layer ? '-' : (layers.shift() ?? '?');
    const words = (entry.created_by ?? entry.comment ?? '').replace(/\s+/g, ' ');
    return `${(entry.created ?? '-').slice(0, 19).padEnd(19)}  ${layer.padEnd(12)}  ${words}`.trimEnd();
  });
  // An image may hold layers that its history does not tell of.
  const untold = layers.map(layer => `${'-'.padEnd(19)}  ${layer}`);
  const head = `${'CREATED'.padEnd(19)}  ${'LAYER'.padEnd(12)}  CREATED BY`;
  return `${[head, ...[...rows, ...untold].reverse()].join('\n')}\n`;
}

/** The files that a container added (A), changed (C) and deleted (D), one a line, as docker's `diff` prints them. */
export function changesText(changes: readonly { readonly kind: string; readonly path: string }[]): string {
  return changes.map(({ kind, path }) => `${kind} ${path}\n`).join('');
}

/** A log as a text: without the escape sequences that colour a terminal. */
export function logText(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, '\n');
}
