import { readFile } from 'node:fs/promises';

/** Settings of the kernel that keep ordinary users from making namespaces: file, the value that does, and the one that lets them. */
const barriers = [
  // Debian's patch; gone from kernels without it.
  { name: 'kernel.unprivileged_userns_clone', off: '0', on: '1' },
  // Ubuntu since 23.10: namespaces without rights unless a profile grants them.
  { name: 'kernel.apparmor_restrict_unprivileged_userns', off: '1', on: '0' },
  // user_namespaces(7): the limit of this user namespace.
  { name: 'user.max_user_namespaces', off: '0', on: '15000' },
] as const;

/**
 * The setting that keeps users from making namespaces here and the value that lets them, as sysctl(8) takes it:
 * `kernel.unprivileged_userns_clone=1`. Undefined when it is none of those that are known.
 */
export async function namespaceSysctl(
  read: (path: string) => Promise<string> = path => readFile(path, 'utf8'),
): Promise<string | undefined> {
  for (const { name, off, on } of barriers) {
    const value = await read(`/proc/sys/${name.replace('.', '/')}`).catch(() => undefined);
    if (value?.trim() === off) return `${name}=${on}`;
  }
  return undefined;
}
