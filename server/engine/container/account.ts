import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSmallFile } from '../store/smallFile.ts';
import type { ContainerContext } from './context.ts';
import type { RootfsView } from './rootfsView.ts';
import type { ContainerFacts } from './state.ts';
import { type ResolvedUser, resolveUser } from './user.ts';

/** Longest /etc/passwd and /etc/group that are read. */
const accountFileMax = 1024 * 1024;

/**
 * The user of a container's process from the accounts in its file tree. Before the first start these are the
 * image's, and the answer for an image is remembered: looking costs a session and a mount.
 */
export async function containerUser(
  context: ContainerContext,
  facts: ContainerFacts,
  view: RootfsView,
): Promise<ResolvedUser> {
  const { record } = facts;
  const groupAdd = record.options.groupAdd ?? [];
  const pristine = !facts.state && !facts.failure;
  const question = JSON.stringify([record.chainId ?? '', record.config.User ?? '', groupAdd]);
  const cache = join(
    context.store.paths.cache,
    `user-${createHash('sha256').update(question).digest('hex')}.json`,
  );
  if (pristine) {
    const known = await readCached(cache);
    if (known) return known;
  }
  const user = await lookUpUser(view, record.config.User ?? '', groupAdd);
  // No fsync: a lost or damaged entry is looked up anew.
  if (pristine) await writeFile(cache, JSON.stringify(user), { mode: 0o600 });
  return user;
}

/** @throws SampanError `invalid-argument`, or `image-invalid` for account files that are no regular files or too long */
export async function lookUpUser(
  view: RootfsView,
  spec: string,
  groupAdd: readonly string[],
): Promise<ResolvedUser> {
  const rootfs = await view.rootfs();
  const passwd = await rootfs.readFile('/etc/passwd', accountFileMax);
  const group = await rootfs.readFile('/etc/group', accountFileMax);
  return resolveUser(spec, { passwd, group }, groupAdd);
}

async function readCached(path: string): Promise<ResolvedUser | undefined> {
  try {
    const user = JSON.parse(await readSmallFile(path)) as Partial<ResolvedUser>;
    const whole = [user.uid, user.gid, ...(user.groups ?? [])].every(Number.isInteger);
    return whole && user.groups && typeof user.home === 'string' ? (user as ResolvedUser) : undefined;
  } catch {
    return undefined;
  }
}
