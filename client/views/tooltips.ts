import type { ContainerInfo, ImageSummary, NetworkInfo, VolumeInfo } from '../../server/protocol/types.ts';
import type { PastBuild } from '../build/buildHistory.ts';
import { isActive, stateWords } from './containerItems.ts';
import { code, factSheet, plain } from './markdown.ts';
import type { Subject } from './subject.ts';
import { agoText, portText, shellWord, shortId, sizeText } from './words.ts';

/** Markdown for a row's tooltip at `now`; undefined where the row already says everything. */
export function tooltip(subject: Subject, now: Date): string | undefined {
  switch (subject.kind) {
    case 'container':
      return containerTooltip(subject.container, now);
    case 'image':
      return imageTooltip(subject.image, now);
    case 'volume':
      return volumeTooltip(subject.volume, now);
    case 'damaged':
      return `$(warning) ${plain(subject.damage.message)}\n\n${plain(subject.damage.hint)}`;
    case 'build':
      return buildTooltip(subject.build, now);
    case 'network':
      return networkTooltip(subject.network);
    default:
      return undefined;
  }
}

function containerTooltip(container: ContainerInfo, now: Date): string {
  const [at, event] = isActive(container.status)
    ? [container.startedAt, 'started ']
    : [container.finishedAt, ''];
  const state = stateWords(container) + (at === undefined ? '' : `, ${event}${agoText(at, now)}`);
  const sheet = factSheet(container.name, [
    ['State', plain(state)],
    ['Image', code(container.image.reference)],
    ['Command', container.args.length === 0 ? undefined : code(container.args.map(shellWord).join(' '))],
    ['Id', code(shortId(container.id))],
    ['Created', agoText(container.createdAt, now)],
    ['Network', [container.network.name, container.network.address ?? ''].join(' ').trim()],
    ['Ports', list(container.ports.map(portText))],
    ['Mounts', list(container.mounts.map(mount => code(mount.target)))],
    ['Links', list(container.links.map(link => plain(link.alias)))],
  ]);
  const notes = [...(container.error === undefined ? [] : [container.error]), ...container.warnings];
  return [sheet, ...notes.map(note => `$(warning) ${plain(note)}`)].join('\n\n');
}

function imageTooltip(image: ImageSummary, now: Date): string {
  return factSheet(image.tags[0] ?? shortId(image.id), [
    ['Id', code(shortId(image.id))],
    ['Tags', list(image.tags.map(code))],
    ['Size', sizeText(image.size)],
    ['Created', agoText(image.createdAt, now)],
    ['Exposes', list(image.exposedPorts)],
    ['Volumes', list(image.volumes.map(code))],
    ['Used by', list(image.containers.map(plain))],
  ]);
}

function volumeTooltip(volume: VolumeInfo, now: Date): string {
  return factSheet(volume.name, [
    ['Folder', code(volume.mountpoint)],
    ['Created', agoText(volume.createdAt, now)],
    ['Used by', list(volume.containers.map(plain))],
    ['Labels', list(Object.entries(volume.labels).map(([name, value]) => code(`${name}=${value}`)))],
  ]);
}

function buildTooltip({ document, params, startedAt, outcome }: PastBuild, now: Date): string {
  return factSheet(params.tags[0] ?? '', [
    ['Dockerfile', code(decodeURIComponent(document.slice(document.lastIndexOf('/') + 1)))],
    ['Started', agoText(startedAt, now)],
    ['Target', params.target === undefined ? undefined : code(params.target)],
    ['Failed', outcome.kind === 'failed' ? plain(outcome.message) : undefined],
  ]);
}

function networkTooltip(network: NetworkInfo): string {
  return factSheet(network.name, [
    ['Driver', network.driver],
    ['Subnet', network.subnet],
    ['Gateway', network.gateway],
    ['Containers', list(network.containers.map(({ name, address }) => plain(`${name} ${address}`)))],
  ]);
}

function list(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(', ');
}
