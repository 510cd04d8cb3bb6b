import type { ContainerInfo, ImageSummary, VolumeInfo } from '../../server/protocol/types.ts';
import { isActive, stateWords } from '../views/containerItems.ts';
import { shortId, sizeText, volumeLabel } from '../views/words.ts';

/** Something that nothing uses. */
export interface Candidate {
  readonly kind: 'container' | 'image' | 'volume';
  /** What the request that removes it takes. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** At most so much is freed: images share layers. */
  readonly bytes: number;
  /** Docker's `prune` would take it: stopped, dangling or anonymous. What has a name must be chosen. */
  readonly usual: boolean;
}

/** What nothing uses: containers that do not run, images without containers, volumes without containers. */
export function unused(store: {
  readonly containers: readonly ContainerInfo[];
  readonly images: readonly ImageSummary[];
  readonly volumes: readonly VolumeInfo[];
}): readonly Candidate[] {
  const { containers, images, volumes } = store;
  return [
    ...containers.filter(({ status }) => !isActive(status) && status !== 'removing').map(ofContainer),
    ...images.filter(image => image.containers.length === 0).map(ofImage),
    ...volumes.filter(volume => volume.containers.length === 0).map(ofVolume),
  ];
}

function ofContainer(container: ContainerInfo): Candidate {
  const description = `${stateWords(container)} · ${container.image.reference}`;
  return { kind: 'container', id: container.id, label: container.name, description, bytes: 0, usual: true };
}

function ofImage({ id, tags, size }: ImageSummary): Candidate {
  const label = tags.join(', ') || `<none> ${shortId(id)}`;
  return { kind: 'image', id, label, description: sizeText(size), bytes: size, usual: tags.length === 0 };
}

function ofVolume({ name, anonymous }: VolumeInfo): Candidate {
  const description = anonymous ? 'anonymous' : '';
  return { kind: 'volume', id: name, label: volumeLabel(name), description, bytes: 0, usual: anonymous };
}
