import { parseGroup, parsePasswd } from '../container/user.ts';
import type { ImageContext } from './context.ts';
import type { Account, Image, ImageAccounts } from './types.ts';

/** Longest /etc/passwd and /etc/group that are read. */
const accountFileMax = 1024 * 1024;

/** The users and groups that an image's file tree has, which is mounted for as long as that takes. */
export async function readAccounts(
  { snapshots, openFs }: Pick<ImageContext, 'snapshots' | 'openFs'>,
  { chainId }: Pick<Image, 'chainId'>,
): Promise<ImageAccounts> {
  const lowers = await snapshots.lowers(chainId);
  if (lowers.length === 0) return { users: [], groups: [] };
  const session = await openFs();
  try {
    const rootfs = await session.mount({ lowers });
    const passwd = await rootfs.readFile('/etc/passwd', accountFileMax);
    const group = await rootfs.readFile('/etc/group', accountFileMax);
    return {
      users: parsePasswd(passwd).map(({ name, uid }): Account => ({ name, id: uid })),
      groups: parseGroup(group).map(({ name, gid }): Account => ({ name, id: gid })),
    };
  } finally {
    await session.close();
  }
}
