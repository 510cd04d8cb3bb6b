import type { ContainerInfo, ImageSummary, VolumeInfo } from '../../server/protocol/types.ts';
import { containerItems, isActive, stateWords } from '../views/containerItems.ts';
import { imageItems } from '../views/imageItems.ts';
import type { Item } from '../views/item.ts';
import { volumeItems } from '../views/volumeItems.ts';
import { portText, shortId, volumeLabel } from '../views/words.ts';
import type { MapEdge, MapGraph, MapNode } from './page/graph.ts';

/** What there is, as the lists tell it. */
export interface MapFacts {
  readonly images: readonly ImageSummary[];
  readonly containers: readonly ContainerInfo[];
  readonly volumes: readonly VolumeInfo[];
}

/** The picture of what there is; images and volumes that nothing uses only when they are asked for. */
export function mapGraph(facts: MapFacts, { showUnused }: { readonly showUnused: boolean }): MapGraph {
  const edges = facts.containers.flatMap(container => edgesOf(container, facts));
  const ends = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const nodes = [...imageNodes(facts), ...containerNodes(facts.containers), ...volumeNodes(facts.volumes)];
  const used = nodes.filter(({ id, kind }) => kind === 'container' || ends.has(id));
  return { nodes: showUnused ? nodes : used, edges, unused: nodes.length - used.length };
}

/** One for each image, by its first name: the tree has one for each name. */
function imageNodes({ images }: MapFacts): readonly MapNode[] {
  const items = imageItems(images.map(image => ({ ...image, tags: image.tags.slice(0, 1) })));
  return items.map(item => ({ ...nodeOf(item, 'image'), detail: item.description ?? '' }));
}

function containerNodes(containers: readonly ContainerInfo[]): readonly MapNode[] {
  return containerItems(containers).map(item => {
    const { container } = item.subject as { readonly container: ContainerInfo };
    const ports = isActive(container.status) ? container.ports.map(portText) : [];
    return {
      ...nodeOf(item, 'container'),
      detail: [stateWords(container), ...ports].join(' · '),
      state: stateOf(container),
    };
  });
}

function stateOf({ status, exitCode, oomKilled, error }: ContainerInfo): MapNode['state'] {
  if (status === 'running' || status === 'paused') return status;
  return (exitCode ?? 0) !== 0 || oomKilled || error !== undefined || status === 'dead' ? 'failed' : 'plain';
}

function volumeNodes(volumes: readonly VolumeInfo[]): readonly MapNode[] {
  return volumeItems(volumes).map(item => ({ ...nodeOf(item, 'volume'), detail: item.description ?? '' }));
}

function nodeOf({ id, label, spoken, contextValue }: Item, kind: MapNode['kind']): Omit<MapNode, 'detail'> {
  return { id, kind, label, spoken, contextValue, state: 'plain' };
}

function edgesOf(container: ContainerInfo, facts: MapFacts): readonly MapEdge[] {
  const own = `container/${container.id}`;
  const image = facts.images.find(({ id }) => id === container.image.id);
  return [
    ...(image === undefined ? [] : [runsEdge(container, image)]),
    ...container.mounts.flatMap(({ volume, target, readOnly }): MapEdge[] => {
      if (volume === undefined || !facts.volumes.some(({ name }) => name === volume)) return [];
      const access = readOnly ? ' (read-only)' : '';
      const spoken = `${container.name} holds the volume ${volumeLabel(volume)} at ${target}${access}`;
      return [{ from: own, to: `volume/${volume}`, kind: 'mounts', label: target, broken: false, spoken }];
    }),
    ...container.links.flatMap(({ container: other, alias }): MapEdge[] => {
      const target = facts.containers.find(({ id }) => id === other);
      if (target === undefined) return [];
      const broken = isActive(container.status) && !isActive(target.status);
      const spoken = `${container.name} reaches ${target.name} as ${alias}${broken ? `, but ${target.name} does not run` : ''}`;
      return [{ from: own, to: `container/${other}`, kind: 'links', label: alias, broken, spoken }];
    }),
  ];
}

function runsEdge({ id, name }: ContainerInfo, image: ImageSummary): MapEdge {
  const from = `image/${image.id}/${image.tags[0] ?? ''}`;
  const spoken = `${name} was made from ${image.tags[0] ?? shortId(image.id)}`;
  return { from, to: `container/${id}`, kind: 'runs', label: '', broken: false, spoken };
}
