import type { EngineEvent } from '../journal/event.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';

/** What events say of a container: its labels, image and name, as docker's do. */
export function actorOf(record: ContainerRecord): EngineEvent['actor']['attributes'] {
  return { ...record.config.Labels, image: record.image.reference, name: record.name };
}

/** Tell what was done to a container. Its start and end are told by its monitor. */
export function tell(
  context: Pick<ContainerContext, 'journal'>,
  record: ContainerRecord,
  { action, ...attributes }: { readonly action: string; readonly [attribute: string]: string },
): void {
  const actor = { id: record.id, attributes: { ...actorOf(record), ...attributes } };
  context.journal.append({ type: 'container', action, actor });
}
