import type { Volumes } from '../volume/volumes.ts';
import type { EventJournal } from './journal.ts';

/** The same volumes, telling which are made and removed. */
export function tellingVolumes(volumes: Volumes, journal: EventJournal): Volumes {
  const tell = (action: string, name: string) =>
    journal.append({ type: 'volume', action, actor: { id: name, attributes: { driver: 'local' } } });
  return {
    ...volumes,
    async create(options) {
      const isNew = options.name === undefined || !(await exists(volumes, options.name));
      const volume = await volumes.create(options);
      if (isNew) tell('create', volume.name);
      return volume;
    },
    async createAnonymous(name) {
      const isNew = !(await exists(volumes, name));
      const volume = await volumes.createAnonymous(name);
      if (isNew) tell('create', name);
      return volume;
    },
    async remove(name, options) {
      const isThere = await exists(volumes, name);
      await volumes.remove(name, options);
      if (isThere) tell('destroy', name);
    },
  };
}

function exists(volumes: Volumes, name: string): Promise<boolean> {
  return volumes.get(name).then(
    () => true,
    () => false,
  );
}
