import type { AccountFiles } from '../container/user.ts';
import type { MountedRootfs } from '../runtime/types.ts';

/** passwd and group files are read whole; longer ones are not looked at. */
const accountFileMax = 8 * 1024 * 1024;

export async function readAccountFiles(rootfs: Pick<MountedRootfs, 'readFile'>): Promise<AccountFiles> {
  const passwd = await rootfs.readFile('/etc/passwd', accountFileMax);
  const group = await rootfs.readFile('/etc/group', accountFileMax);
  return { passwd, group };
}
