import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import type { ReadOutcome } from '../native.ts';
import { createFile, type Durability, removeFile, replaceFile } from './atomic.ts';
import { type Survey, survey, whole } from './damage.ts';
import { fileFailure, hasErrno } from './failure.ts';
import type { StorePaths } from './paths.ts';
import { type Check, SchemaError } from './schema.ts';
import { readSmallFile } from './smallFile.ts';

/**
 * Small JSON files, one per object. A record is whole or absent; one that does not read back as its
 * schema says is `store-corrupt`, and the error names the file.
 */

/** Node has four threads for files by default; a few more keep them busy. */
const parallelReads = 8;
/** What a file answers that is none, or lies on a bad sector: nothing that another folder would cure. */
const unreadable = ['EISDIR', 'ELOOP', 'EIO'];
/** Longer than the coarsest kernel tick (HZ=100), with which file systems stamp. */
const clockTickNs = 20_000_000n;

/** Undefined when there is no such file. */
export async function readRecord<T>(path: string, check: Check<T>): Promise<T | undefined> {
  const outcome = await readSmallFile(path).catch((error: Error) => {
    return hasErrno(error, 'ENOENT') ? undefined : error;
  });
  return recordFrom({ path, outcome }, check);
}

/** {@link readRecord} of a file that was read with others. */
export function recordFrom<T>(
  { path, outcome }: { readonly path: string; readonly outcome: ReadOutcome },
  check: Check<T>,
): T | undefined {
  if (outcome === undefined) return undefined;
  if (typeof outcome !== 'string') {
    if (unreadable.some(code => hasErrno(outcome, code))) throw corrupt(path, outcome);
    throw fileFailure(outcome, 'Reading the store');
  }
  try {
    return check(JSON.parse(outcome), '');
  } catch (error) {
    if (error instanceof SchemaError || error instanceof SyntaxError) throw corrupt(path, error);
    throw error;
  }
}

/** All records of a folder, in the order of their file names. Ones that vanish meanwhile are left out. */
export async function listRecords<T>(folder: string, check: Check<T>): Promise<readonly T[]> {
  return whole(await surveyRecords(folder, check));
}

/** As {@link listRecords}, with the damaged ones beside the others. */
export async function surveyRecords<T>(folder: string, check: Check<T>): Promise<Survey<T>> {
  const names = await recordNames(folder);
  const reads: Promise<T | undefined>[] = names.map(() => Promise.resolve(undefined));
  let next = 0;
  const read = async () => {
    for (let index = next++; index < names.length; index = next++) {
      const reading = readRecord(join(folder, names[index] ?? ''), check);
      reads[index] = reading;
      await reading.catch(() => undefined); // told by survey
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, read));
  return survey(reads);
}

/** {@link surveyRecords} of one folder again and again, at the price of one stat while nothing changes. */
export function cachedRecords<T>(folder: string, check: Check<T>): () => Promise<Survey<T>> {
  let known: { readonly changedAt: bigint; readonly records: Survey<T> } | undefined;
  return async () => {
    // Records come and go by rename and unlink only, and both change the time of the folder.
    const { mtimeNs: changedAt } = await stat(folder, { bigint: true });
    if (known?.changedAt === changedAt) return known.records;
    const records = await surveyRecords(folder, check);
    // A change within one tick of the clock after this list would not show: such a list is not kept. Nor is one
    // with damage, which somebody may mend in place.
    const age = BigInt(Date.now()) * 1_000_000n - changedAt;
    known = age > clockTickNs && records.damaged.length === 0 ? { changedAt, records } : undefined;
    return records;
  };
}

/** Write a record, replacing an older one. */
export async function writeRecord(paths: StorePaths, path: string, record: object): Promise<void> {
  try {
    await replaceFile(paths, path, encode(record));
  } catch (error) {
    throw fileFailure(error, 'Writing to the store');
  }
}

/** Write a record unless there is one; false when there was. */
export async function createRecord(
  paths: StorePaths,
  path: string,
  record: object,
  durability: Durability = { sync: true },
): Promise<boolean> {
  try {
    return await createFile(paths, path, encode(record), durability);
  } catch (error) {
    throw fileFailure(error, 'Writing to the store');
  }
}

/** Delete a record; a missing one is fine. */
export async function removeRecord(path: string, durability: Durability = { sync: true }): Promise<void> {
  await removeFile(path, durability);
}

/** Delete the empty files that a power cut makes of records which were written without `sync`. */
export async function removeEmptyRecords(folder: string): Promise<void> {
  for (const name of await recordNames(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.size === 0) await removeRecord(path);
  }
}

/** Milliseconds since 1970 of the last write or {@link touchRecord}; undefined when it is gone. */
export async function recordTime(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Note that a record was used, so that a collection leaves it for the grace time. A missing one is fine. */
export async function touchRecord(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(error => {
    if (!hasErrno(error, 'ENOENT')) throw error;
  });
}

async function recordNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(name => name.endsWith('.json')).sort();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function encode(record: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}

function corrupt(path: string, cause: Error): SampanError {
  return new SampanError('store-corrupt', `The store file ${path} is damaged: ${cause.message}.`, {
    hint: `Put a copy of ${path} back, or remove what it belongs to.`,
    detail: { path },
    cause,
  });
}
