import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { isObjectName, objectNameGrammar } from '../../common/names.ts';
import type { Native } from '../native.ts';
import { replaceTransient } from '../store/atomic.ts';
import { fileFailure, hasErrno } from '../store/failure.ts';
import { withLock } from '../store/lock.ts';
import { currentOwner, isOwnerAlive } from '../store/owner.ts';
import { createRecord, readRecord, removeRecord, writeRecord } from '../store/records.ts';
import { type Check, count, shape, text } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import {
  type ContainerRecord,
  containerRecord,
  monitorState,
  type RunRecord,
  runRecord,
  type StartFailure,
  startFailure,
} from './record.ts';
import type { ContainerFacts, Removal } from './state.ts';

/**
 * Containers on disk: `containers/<id>/` with `record.json` (what it is), `state.json` (the monitor's),
 * `failure.json` (why the last start failed), `removing` (removal has begun), and `names/<name>` with the id of
 * the container that has the name.
 */
export interface Registry {
  /** Folder of a container: records, log, files bound into /etc. */
  directory(id: string): string;
  /** Its runtime folder: sockets, `run.json`. Short, because a socket's path holds 107 bytes. */
  runDirectory(id: string): string;
  ids(): Promise<readonly string[]>;
  /** Undefined when there is no such container. */
  facts(id: string): Promise<ContainerFacts | undefined>;
  /** The full id for an id, a name (with or without a leading slash) or a unique id prefix. Throws `not-found`, or `invalid-argument` when ambiguous. */
  resolve(nameOrId: string): Promise<string>;
  /** Take a name; throws `conflict` when a container has it. */
  claimName(name: string, id: string): Promise<void>;
  /** Take a name; false when it is taken. */
  tryClaimName(name: string, id: string): Promise<boolean>;
  releaseName(name: string, id: string): Promise<void>;
  create(record: ContainerRecord): Promise<void>;
  update(record: ContainerRecord): Promise<void>;
  writeRun(id: string, run: RunRecord): Promise<void>;
  /** What the last start decided, whether it still runs or not; undefined after a reboot. */
  readRun(id: string): Promise<RunRecord | undefined>;
  /** The last start failed, or undefined: it did not. */
  setFailure(id: string, failure: StartFailure | undefined): Promise<void>;
  /** Removal has begun; it is finished by whoever sees the mark should this server be killed. */
  markRemoving(id: string, removal: Removal): Promise<void>;
  /** Delete the folders: the container is gone. */
  delete(id: string): Promise<void>;
  /** Delete folders without a record and names without a container: a server was killed in making or deleting them. */
  recover(): Promise<void>;
  /** One at a time: starting, removing, renaming. */
  lock<T>(id: string, work: () => Promise<T>): Promise<T>;
}

const fullId = /^[0-9a-f]{64}$/;
/** A claim without a container is one in the making as long as its maker lives. */
const nameClaim = shape({ id: text, maker: shape({ pid: count, startTime: text, bootId: text }) });
/** A file name holds 255 bytes. */
const nameMax = 200;

export function openRegistry(options: {
  readonly store: Store;
  readonly native: Native;
  readonly run: string;
}): Registry {
  const { store, native } = options;
  const { paths } = store;
  const directory = (id: string) => paths.container(id);
  const runDirectory = (id: string) => join(options.run, 'c', id.slice(0, 12));
  const file = (id: string, name: string) => join(directory(id), name);

  async function ids(): Promise<readonly string[]> {
    return (await readdir(paths.containers)).filter(name => fullId.test(name));
  }

  async function facts(id: string): Promise<ContainerFacts | undefined> {
    const present: ReadonlySet<string> = new Set(await readdir(directory(id)).catch(() => []));
    const read = async <T>(name: string, check: Check<T>) =>
      present.has(name) ? readRecord(file(id, name), check) : undefined;
    const [record, { state, monitorAlive }, failure] = await Promise.all([
      read('record.json', containerRecord),
      readState(file(id, 'state.json')),
      read('failure.json', startFailure),
    ]);
    if (!record) return undefined;
    return {
      record,
      directory: directory(id),
      state,
      failure,
      run: monitorAlive ? await readRun(id) : undefined,
      monitorAlive,
      removing: removalIn(present),
    };
  }

  function readRun(id: string): Promise<RunRecord | undefined> {
    return readRecord(join(runDirectory(id), 'run.json'), runRecord);
  }

  /** A monitor that ended between the two looks has written its last word before: it is read again. */
  async function readState(path: string): Promise<Pick<ContainerFacts, 'state' | 'monitorAlive'>> {
    const state = await readRecord(path, monitorState);
    if (state?.status !== 'running') return { state, monitorAlive: false };
    if (native.isAlive(state.monitor)) return { state, monitorAlive: true };
    return { state: await readRecord(path, monitorState), monitorAlive: false };
  }

  async function ownerOf(name: string): Promise<string | undefined> {
    if (!isObjectName(name) || name.length > nameMax) return undefined;
    const claim = await readRecord(paths.containerName(name), nameClaim);
    return claim && (await exists(claim.id)) ? claim.id : undefined;
  }

  async function exists(id: string): Promise<boolean> {
    const names: readonly string[] = await readdir(directory(id)).catch(() => []);
    return names.includes('record.json');
  }

  async function tryClaimName(name: string, id: string): Promise<boolean> {
    checkName(name);
    const claim = () => createRecord(paths, paths.containerName(name), { id, maker: currentOwner() });
    if (await claim()) return true;
    // A claim that stayed when its maker was killed before the container existed, or in the middle of a removal.
    return store.lock('exclusive', async () => {
      const owner = await readRecord(paths.containerName(name), nameClaim);
      if (owner && (isOwnerAlive(owner.maker) || (await exists(owner.id)))) return false;
      await removeRecord(paths.containerName(name));
      return claim();
    });
  }

  /** A name whose maker is gone and whose container is gone too, or has another name by now. */
  async function isStray(name: string): Promise<boolean> {
    const claim = await readRecord(paths.containerName(name), nameClaim);
    if (!claim || isOwnerAlive(claim.maker)) return false;
    const record = await readRecord(file(claim.id, 'record.json'), containerRecord);
    return record?.name !== name;
  }

  return {
    directory,
    runDirectory,
    ids,
    facts,
    readRun,
    tryClaimName,
    async claimName(name, id) {
      if (!(await tryClaimName(name, id))) throw nameTaken(name, (await ownerOf(name)) ?? 'another');
    },
    async resolve(nameOrId) {
      const name = nameOrId.replace(/^\//, '');
      if (fullId.test(name) && (await exists(name))) return name;
      const owner = await ownerOf(name);
      if (owner !== undefined) return owner;
      const matches = /^[0-9a-f]{1,63}$/.test(name) ? (await ids()).filter(id => id.startsWith(name)) : [];
      if (matches.length > 1) throw ambiguous(name);
      if (matches[0] !== undefined && (await exists(matches[0]))) return matches[0];
      throw noSuchContainer(name);
    },
    async releaseName(name, id) {
      const claim = await readRecord(paths.containerName(name), nameClaim);
      if (claim?.id === id) await removeRecord(paths.containerName(name));
    },
    async create(record) {
      try {
        await mkdir(directory(record.id), { mode: 0o700 });
      } catch (error) {
        throw fileFailure(error, 'Creating the container');
      }
      await writeRecord(paths, file(record.id, 'record.json'), record);
    },
    update: record => writeRecord(paths, file(record.id, 'record.json'), record),
    async writeRun(id, run) {
      await mkdir(runDirectory(id), { recursive: true, mode: 0o700 });
      await replaceTransient(join(runDirectory(id), 'run.json'), Buffer.from(JSON.stringify(run)));
    },
    async setFailure(id, failure) {
      if (failure) await writeRecord(paths, file(id, 'failure.json'), failure);
      else await rm(file(id, 'failure.json'), { force: true });
    },
    async markRemoving(id, removal) {
      await writeFile(file(id, removalMarks[removal]), '', { mode: 0o600 });
    },
    async delete(id) {
      await rm(runDirectory(id), { recursive: true, force: true });
      if (await exists(id)) await removeRecord(file(id, 'record.json'));
      // A monitor that was asked to end may still write its last word.
      await rm(directory(id), { recursive: true, force: true, maxRetries: 10 });
    },
    recover: () =>
      // Creating holds the lock shared from folder to record.
      store.lock('exclusive', async () => {
        for (const id of await ids())
          if (!(await exists(id))) await rm(directory(id), { recursive: true, force: true });
        for (const name of await readdir(paths.names))
          if (await isStray(name)) await removeRecord(paths.containerName(name));
      }),
    lock: async (id, work) => {
      try {
        return await withLock(native, { path: file(id, 'lock'), mode: 'exclusive' }, work);
      } catch (error) {
        // The folder went away while we waited, or was never there.
        if (hasErrno(error, 'ENOENT') && !(await exists(id))) throw noSuchContainer(id);
        throw error;
      }
    },
  };
}

/** Marks of a removal, by what goes. */
const removalMarks = { container: 'removing', 'container-and-volumes': 'removing-volumes' } as const;

function removalIn(present: ReadonlySet<string>): Removal | undefined {
  if (present.has(removalMarks['container-and-volumes'])) return 'container-and-volumes';
  return present.has(removalMarks.container) ? 'container' : undefined;
}

function checkName(name: string): void {
  if (isObjectName(name) && name.length <= nameMax) return;
  throw new SampanError(
    'invalid-argument',
    `Invalid container name (${name}), only ${objectNameGrammar} are allowed.`,
    { hint: 'Choose a name of letters, digits, dots, dashes and underscores.' },
  );
}

function nameTaken(name: string, owner: string): SampanError {
  return new SampanError(
    'conflict',
    `Conflict. The container name "/${name}" is already in use by container "${owner}".`,
    {
      hint: 'You have to remove (or rename) that container to be able to reuse that name.',
      detail: { name, owner },
    },
  );
}

function ambiguous(prefix: string): SampanError {
  return new SampanError('invalid-argument', `Multiple containers have an id beginning with ${prefix}.`, {
    hint: 'Give more digits of the id, or the name.',
  });
}

/** Docker's words. */
export function noSuchContainer(name: string): SampanError {
  return new SampanError('not-found', `No such container: ${name}`, {
    hint: 'List the containers with: sampan ps -a',
  });
}
