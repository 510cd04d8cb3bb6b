import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSampanError, SampanError } from '../../common/errors.ts';
import { isObjectName, objectNameGrammar } from '../../common/names.ts';
import type { Native, ReadOutcome } from '../native.ts';
import { encodeActor } from '../runtime/spec.ts';
import { replaceBeside, replaceFile } from '../store/atomic.ts';
import { damageTo, unlessDamaged } from '../store/damage.ts';
import { fileFailure, hasErrno } from '../store/failure.ts';
import { withLock } from '../store/lock.ts';
import { currentOwner, isOwnerAlive } from '../store/owner.ts';
import { createRecord, readRecord, recordFrom, removeRecord, writeRecord } from '../store/records.ts';
import { type Checked, count, shape, text } from '../store/schema.ts';
import { readSmallFile } from '../store/smallFile.ts';
import type { Store } from '../store/store.ts';
import { saysFrozen } from './freezer.ts';
import { healthState } from './health.ts';
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
  /** There is something of the container, whether it can be read or not. */
  exists(id: string): Promise<boolean>;
  /**
   * Undefined when there is no such container. Throws `store-corrupt` (see `store/damage.ts`) when one of its files
   * cannot be read, or when it runs without a record.
   */
  facts(id: string): Promise<ContainerFacts | undefined>;
  /** What the monitor wrote; undefined when it wrote nothing, or nothing that can be read. */
  state(id: string): Promise<Pick<ContainerFacts, 'state' | 'monitorAlive'>>;
  /** The mark of a removal that has begun. */
  removing(id: string): Promise<Removal | undefined>;
  /** Full ids of folders without a record: made or deleted by a server that was killed, or robbed of it by somebody. */
  recordless(): Promise<readonly string[]>;
  /** It was started since the machine was. */
  hasRunFolder(id: string): Promise<boolean>;
  /** Names that a container has, as far as they are known. */
  namesOf(id: string): Promise<readonly string[]>;
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
  /** The container's group is frozen, or about to be, by `freezer`: a file of the group. */
  markPaused(id: string, freezer: string): Promise<void>;
  clearPaused(id: string): Promise<void>;
  /** Stopped by hand, or started again: its monitor does not, or may, run it again. */
  setStopped(id: string, stopped: boolean): Promise<void>;
  /** The restart policy that counts when it ends next. */
  writePolicy(id: string, policy: string): Promise<void>;
  /** A group that it got after its start: its monitor takes it along. */
  addGroup(id: string, path: string): Promise<void>;
  /** What its monitor's events say of it from now on. */
  writeActor(id: string, actor: { readonly [name: string]: string }): Promise<void>;
  /** Removal has begun; it is finished by whoever sees the mark should this server be killed. */
  markRemoving(id: string, removal: Removal): Promise<void>;
  /** Delete the folders: the container is gone. */
  delete(id: string): Promise<void>;
  /** Delete names without a container: a server was killed in making or deleting it. */
  recover(): Promise<void>;
  /** One at a time: starting, removing, renaming. */
  lock<T>(id: string, work: () => Promise<T>): Promise<T>;
}

const fullId = /^[0-9a-f]{64}$/;
/** A claim without a container is one in the making as long as its maker lives. */
const nameClaim = shape({ id: text, maker: shape({ pid: count, startTime: text, bootId: text }) });
/** A file name holds 255 bytes. */
const nameMax = 200;

interface ReadFile {
  readonly path: string;
  readonly outcome: ReadOutcome;
}

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
  const runFile = (id: string) => join(runDirectory(id), 'run.json');
  const stoppedFile = (id: string) => file(id, 'stopped');
  const healthFile = (id: string) => join(runDirectory(id), 'health.json');
  const pausedFile = (id: string) => join(runDirectory(id), 'paused');

  async function ids(): Promise<readonly string[]> {
    return (await readdir(paths.containers)).filter(name => fullId.test(name));
  }

  async function facts(id: string): Promise<ContainerFacts | undefined> {
    try {
      return await readFacts(id);
    } catch (error) {
      throw isSampanError(error, 'store-corrupt') ? await damageToContainer(id, error) : error;
    }
  }

  /** All in one trip, the state first: what it tells of was written before it. */
  async function readFacts(id: string): Promise<ContainerFacts | undefined> {
    const [stateFile, recordFile, failureFile, run, paused, stopped, health, ...marks] = await readTogether([
      file(id, 'state.json'),
      file(id, 'record.json'),
      file(id, 'failure.json'),
      runFile(id),
      pausedFile(id),
      stoppedFile(id),
      healthFile(id),
      ...Object.values(removalMarks).map(mark => file(id, mark)),
    ]);
    const { state, monitorAlive } = await judgeState(stateFile);
    const removing = removalIn(
      new Set(marks.filter(mark => mark.outcome !== undefined).map(mark => basename(mark.path))),
    );
    const record = recordFrom(recordFile, containerRecord);
    if (!record) {
      if (monitorAlive && !removing) throw missingRecord(recordFile.path);
      return undefined;
    }
    return {
      record,
      directory: directory(id),
      state,
      failure: recordFrom(failureFile, startFailure),
      run: monitorAlive ? recordFrom(run, runRecord) : undefined,
      monitorAlive,
      frozen: monitorAlive && (await isFrozen(paused)),
      health: recordFrom(health, healthState),
      stoppedByHand: stopped.outcome !== undefined,
      removing,
    };
  }

  /** The mark may be of an earlier run, or of a server that was killed: the kernel knows. */
  async function isFrozen({ outcome }: ReadFile): Promise<boolean> {
    if (typeof outcome !== 'string') return false;
    const [told] = await native.readFiles([outcome]);
    return typeof told === 'string' && saysFrozen(told);
  }

  async function damageToContainer(id: string, error: unknown): Promise<unknown> {
    const [name] = await namesOf(id);
    const short = id.slice(0, 12);
    return damageTo(
      {
        kind: 'container',
        id,
        label: name === undefined ? short : `${name} (${short})`,
        hint: `Remove it with "sampan rm -f ${name ?? short}", which leaves named volumes as they are, or put a copy of the file back.`,
      },
      error,
    );
  }

  async function filesOf(id: string): Promise<ReadonlySet<string>> {
    return new Set(await readdir(directory(id)).catch(() => []));
  }

  async function namesOf(id: string): Promise<readonly string[]> {
    const names = await readdir(paths.names);
    const claims = await Promise.all(names.map(name => unlessDamaged(readClaim(name))));
    return names.filter((_, index) => claims[index]?.id === id);
  }

  function readRun(id: string): Promise<RunRecord | undefined> {
    return readRecord(runFile(id), runRecord);
  }

  /** A monitor that ended between the two looks has written its last word before: it is read again. */
  async function judgeState(file: ReadFile): Promise<Pick<ContainerFacts, 'state' | 'monitorAlive'>> {
    const state = recordFrom(file, monitorState);
    if (state === undefined || state.status === 'exited') return { state, monitorAlive: false };
    if (native.isAlive(state.monitor)) return { state, monitorAlive: true };
    return { state: await readRecord(file.path, monitorState), monitorAlive: false };
  }

  async function readTogether<T extends readonly string[]>(
    paths: readonly [...T],
  ): Promise<{ readonly [index in keyof T]: ReadFile }> {
    const outcomes = await native.readFiles(paths);
    return paths.map((path, index) => ({ path, outcome: outcomes[index] })) as {
      readonly [index in keyof T]: ReadFile;
    };
  }

  function readClaim(name: string) {
    return readRecord(paths.containerName(name), nameClaim);
  }

  /** A claim that cannot be read is that of the container whose record has the name. */
  async function claimOf(name: string): Promise<Pick<Checked<typeof nameClaim>, 'id'> | undefined> {
    try {
      return await readClaim(name);
    } catch (error) {
      if (!isSampanError(error, 'store-corrupt')) throw error;
    }
    for (const id of await ids()) {
      const record = await unlessDamaged(readRecord(file(id, 'record.json'), containerRecord));
      if (record?.name === name) return { id };
    }
    return undefined;
  }

  async function ownerOf(name: string): Promise<string | undefined> {
    if (!isObjectName(name) || name.length > nameMax) return undefined;
    const claim = await claimOf(name);
    return claim && (await exists(claim.id)) ? claim.id : undefined;
  }

  /** A record, or a process of one that lost its record. */
  async function exists(id: string): Promise<boolean> {
    const present = await filesOf(id);
    return present.has('record.json') || present.has('state.json');
  }

  async function tryClaimName(name: string, id: string): Promise<boolean> {
    checkName(name);
    const claim = () => createRecord(paths, paths.containerName(name), { id, maker: currentOwner() });
    if (await claim()) return true;
    // A claim that stayed when its maker was killed before the container existed, or in the middle of a removal.
    return store.lock('exclusive', async () => {
      const maker = (await unlessDamaged(readClaim(name)))?.maker;
      if ((maker && isOwnerAlive(maker)) || (await ownerOf(name)) !== undefined) return false;
      await removeRecord(paths.containerName(name));
      return claim();
    });
  }

  /** A name whose maker is gone and whose container is gone too, or has another name by now. */
  async function isStray(name: string): Promise<boolean> {
    const maker = (await unlessDamaged(readClaim(name)))?.maker;
    if (maker && isOwnerAlive(maker)) return false;
    const id = await ownerOf(name);
    if (id === undefined) return true;
    const record = await unlessDamaged(readRecord(file(id, 'record.json'), containerRecord));
    return record !== undefined && record.name !== name; // of a damaged container the name is all that is known
  }

  return {
    directory,
    runDirectory,
    ids,
    exists,
    facts,
    namesOf,
    hasRunFolder: id =>
      access(runDirectory(id)).then(
        () => true,
        () => false,
      ),
    async state(id) {
      const [stateFile] = await readTogether([file(id, 'state.json')]);
      const read = await unlessDamaged(judgeState(stateFile));
      return read ?? { state: undefined, monitorAlive: false };
    },
    removing: async id => removalIn(await filesOf(id)),
    recordless: () =>
      // Creating holds the lock shared from folder to record.
      store.lock('exclusive', async () => {
        const folders = await Promise.all(
          (await ids()).map(async id => ((await filesOf(id)).has('record.json') ? [] : [id])),
        );
        return folders.flat();
      }),
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
      const claim = await claimOf(name);
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
      // What a power cut may take is of no use after it: the container ended with it.
      await replaceBeside(runFile(id), Buffer.from(encodeRun(run)), { sync: false });
    },
    async setFailure(id, failure) {
      if (failure) await writeRecord(paths, file(id, 'failure.json'), failure);
      else await rm(file(id, 'failure.json'), { force: true });
    },
    async setStopped(id, stopped) {
      // Synced: that it was stopped must outlast a reboot, as the container's end does.
      if (stopped) await replaceFile(paths, stoppedFile(id), new Uint8Array());
      else await rm(stoppedFile(id), { force: true });
    },
    writePolicy: (id, policy) => replaceFile(paths, file(id, 'restart'), Buffer.from(policy)),
    async addGroup(id, path) {
      const list = join(runDirectory(id), 'groups');
      const before = await readSmallFile(list).catch(() => '');
      await replaceBeside(list, Buffer.from(`${before}${path}\n`), { sync: false });
    },
    writeActor: (id, actor) =>
      replaceBeside(file(id, 'actor'), Buffer.from(encodeActor(actor)), { sync: false }),
    markPaused: (id, freezer) => replaceBeside(pausedFile(id), Buffer.from(freezer), { sync: false }),
    clearPaused: id => rm(pausedFile(id), { force: true }),
    async markRemoving(id, removal) {
      await writeFile(file(id, removalMarks[removal]), '', { mode: 0o600 });
    },
    async delete(id) {
      await rm(runDirectory(id), { recursive: true, force: true });
      if ((await filesOf(id)).has('record.json')) await removeRecord(file(id, 'record.json'));
      // A monitor that was asked to end may still write its last word.
      await rm(directory(id), { recursive: true, force: true, maxRetries: 10 });
    },
    recover: () =>
      store.lock('exclusive', async () => {
        for (const name of await readdir(paths.names))
          if (await isStray(name)) await removeRecord(paths.containerName(name));
      }),
    lock: async (id, work) => {
      try {
        return await withLock(native, { path: `${directory(id)}/.`, mode: 'exclusive' }, work);
      } catch (error) {
        // The folder went away while we waited, or was never there.
        if (hasErrno(error, 'ENOENT') && !(await exists(id))) throw noSuchContainer(id);
        throw error;
      }
    },
  };
}

function missingRecord(path: string): SampanError {
  return new SampanError('store-corrupt', `The store file ${path} is missing, but the container runs.`, {
    detail: { path },
  });
}

/** Text of `run.json`. */
export function encodeRun(run: RunRecord): string {
  return JSON.stringify(run);
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
