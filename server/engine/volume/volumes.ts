import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSampanError, SampanError } from '../../common/errors.ts';
import { isObjectName, objectNameGrammar } from '../../common/names.ts';
import type { FsSession, MountedRootfs } from '../runtime/types.ts';
import { claimFile } from '../store/atomic.ts';
import { damageTo, type Survey, survey, unlessDamaged, whole } from '../store/damage.ts';
import { fileFailure, hasErrno } from '../store/failure.ts';
import { type FileLocks, withLock } from '../store/lock.ts';
import { createRecord, readRecord, writeRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { type VolumeRecord, volumeRecord } from './record.ts';
import type { Volume, VolumeService } from './types.ts';

/** The volumes with what only containers need of them. */
export interface Volumes extends VolumeService {
  /** Name and data path for an anonymous volume that is yet to be made. */
  planAnonymous(): Pick<Volume, 'name' | 'mountpoint'>;
  /** Make a planned one; the container that owns it is recorded before, so that a crash leaves none without owner. */
  createAnonymous(name: string): Promise<Volume>;
  /** True when its data hold nothing, so that the image's content belongs there. */
  isEmpty(name: string): Promise<boolean>;
  /**
   * Fill an empty volume with the content, owner and mode of `path` in a mounted image. What a crash left
   * half-filled is filled anew.
   */
  fill(name: string, from: { readonly rootfs: MountedRootfs; readonly path: string }): Promise<void>;
  /** Delete the files of volumes whose making or removal a crash interrupted. */
  recover(): Promise<void>;
}

export interface VolumesOptions {
  readonly store: Store;
  readonly locks: FileLocks;
  readonly openFs: () => Promise<FsSession>;
  /** Names of the containers that mount a volume. */
  readonly usersOf: (volume: string) => Promise<readonly string[]>;
}

/** Prefix of a removed volume's folder; no name begins so. */
const removedPrefix = '.removed-';

/** Volumes as folders below the store: `<name>/record.json`, `<name>/data`. */
export function openVolumes({ store, locks, openFs, usersOf }: VolumesOptions): Volumes {
  const { paths } = store;
  const recordPath = (name: string) => join(paths.volume(name), 'record.json');
  const dataPath = (name: string) => join(paths.volume(name), 'data');
  const fillingPath = (name: string) => join(paths.volume(name), 'filling');

  async function find(name: string): Promise<Volume | undefined> {
    if (!isObjectName(name)) return undefined;
    const record = await readRecord(recordPath(name), volumeRecord).catch(error => {
      throw damageToVolume(name, error);
    });
    if (record === undefined && (await hasFiles(name)))
      throw damageToVolume(name, missingRecord(recordPath(name)));
    return record && describe(record, dataPath(name));
  }

  /** Somebody has deleted the record: one in the making has no files yet, one that is removed has no such name any more. */
  async function hasFiles(name: string): Promise<boolean> {
    return isEmpty(name).then(
      empty => !empty,
      () => false, // there is no such folder
    );
  }

  /** Whatever the umask is, every user of a container may enter. */
  async function makeData(name: string): Promise<void> {
    const made = await mkdir(dataPath(name), { recursive: true });
    if (made !== undefined) await chmod(dataPath(name), 0o755);
  }

  async function make(
    record: Omit<VolumeRecord, 'version' | 'createdAt'>,
    { mend = false }: { readonly mend?: boolean } = {},
  ): Promise<Volume> {
    const { name } = record;
    return store.lock('shared', async () => {
      const existing = await (mend ? unlessDamaged(find(name)) : find(name));
      if (existing) return existing;
      try {
        await mkdir(paths.volume(name), { recursive: true, mode: 0o711 });
        await makeData(name);
      } catch (error) {
        throw fileFailure(error, `Creating the volume ${name}`);
      }
      const full: VolumeRecord = { version: 1, ...record, createdAt: new Date().toISOString() };
      if (mend) await writeRecord(paths, recordPath(name), full);
      else await createRecord(paths, recordPath(name), full);
      return (await find(name)) ?? describe(full, dataPath(name));
    });
  }

  async function deleteFiles(folders: readonly string[]): Promise<void> {
    if (folders.length === 0) return;
    const session = await openFs();
    try {
      await session.removeTree(folders);
    } finally {
      await session.close();
    }
  }

  /** Give a volume's folder a name that is none, so that the name is free; returns what is to be deleted. */
  async function setAside(name: string): Promise<readonly string[]> {
    const removed = join(paths.volumes, `${removedPrefix}${randomBytes(8).toString('hex')}`);
    return (await claimFile(paths.volume(name), removed)) ? [removed] : [];
  }

  /** Rootless a folder that was given to another id cannot be read: then somebody has used it. */
  async function isEmpty(name: string): Promise<boolean> {
    const left = await readdir(paths.volume(name));
    if (left.includes('filling')) return true;
    return readdir(dataPath(name)).then(
      entries => entries.length === 0,
      error => {
        if (hasErrno(error, 'EACCES')) return false;
        throw fileFailure(error, `Reading the volume ${name}`);
      },
    );
  }

  /** A volume whose record is damaged is one, too. */
  async function isThere(name: string): Promise<boolean> {
    return find(name).then(
      volume => volume !== undefined,
      error => {
        if (isSampanError(error, 'store-corrupt')) return true;
        throw error;
      },
    );
  }

  async function surveyAll(): Promise<Survey<Volume>> {
    return survey((await readdir(paths.volumes)).filter(isObjectName).sort().map(find));
  }

  return {
    isEmpty,
    list: async () => whole(await surveyAll()),
    survey: surveyAll,
    async get(name) {
      const volume = await find(name);
      if (volume) return volume;
      throw noSuchVolume(name);
    },
    async create({ name, labels = {}, mend = false }) {
      if (name === undefined) return make({ name: randomName(), labels, kind: 'anonymous' });
      if (isObjectName(name)) return make({ name, labels, kind: 'named' }, { mend });
      throw new SampanError(
        'invalid-argument',
        `"${name}" includes invalid characters for a local volume name, only "${objectNameGrammar}" are allowed.`,
        { hint: 'If you intended to pass a host directory, use an absolute path.' },
      );
    },
    planAnonymous() {
      const name = randomName();
      return { name, mountpoint: dataPath(name) };
    },
    createAnonymous: name => make({ name, labels: {}, kind: 'anonymous' }),
    async remove(name, { force = false } = {}) {
      if (!isObjectName(name)) throw noSuchVolume(name);
      const { existed, removed } = await store.lock('exclusive', async () => {
        const existed = await isThere(name);
        const users = existed ? await usersOf(name) : [];
        if (users.length > 0) throw inUse(name, users);
        // Renamed with its record: a folder without one has lost it to somebody, and its files are kept.
        return { existed, removed: await setAside(name) };
      });
      await deleteFiles(removed);
      if (!existed && !force) throw noSuchVolume(name);
    },
    async fill(name, { rootfs, path }) {
      await withLock(locks, { path: join(paths.volume(name), 'lock'), mode: 'exclusive' }, async () => {
        if (!(await isEmpty(name))) return;
        if ((await readdir(paths.volume(name))).includes('filling')) {
          await deleteFiles([dataPath(name)]);
          await makeData(name);
        }
        await writeFile(fillingPath(name), '');
        await rootfs.copyOut(path, dataPath(name));
        await rm(fillingPath(name));
      });
    },
    async recover() {
      const names = await readdir(paths.volumes);
      const halfMade = await store.lock('exclusive', async () => {
        const folders: string[] = [];
        for (const name of names.filter(isObjectName))
          if (!(await isThere(name))) folders.push(...(await setAside(name)));
        return folders;
      });
      const halfRemoved = names.filter(name => name.startsWith(removedPrefix));
      await deleteFiles([...halfMade, ...halfRemoved.map(name => join(paths.volumes, name))]);
    },
  };
}

function describe(record: VolumeRecord, mountpoint: string): Volume {
  const { name, labels, createdAt } = record;
  return { name, mountpoint, labels, anonymous: record.kind === 'anonymous', createdAt };
}

/** Docker's names of anonymous volumes: 64 hex digits. */
function randomName(): string {
  return randomBytes(32).toString('hex');
}

function damageToVolume(name: string, error: unknown): unknown {
  const hint = `Its files are whole: "sampan volume create ${name}" writes a new record for them, "sampan volume rm ${name}" deletes them.`;
  return damageTo({ kind: 'volume', id: name, label: name, hint }, error);
}

function missingRecord(path: string): SampanError {
  return new SampanError('store-corrupt', `The store file ${path} is missing.`, { detail: { path } });
}

function noSuchVolume(name: string): SampanError {
  return new SampanError('not-found', `No such volume: ${name}`, {
    hint: 'List the volumes with: sampan volume ls',
  });
}

function inUse(name: string, users: readonly string[]): SampanError {
  return new SampanError('conflict', `The volume ${name} is in use by ${users.join(', ')}.`, {
    hint: `Remove the container first: sampan rm ${users[0]}`,
    detail: { containers: users },
  });
}
