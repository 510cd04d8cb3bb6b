import type { MountFlag, RunInstruction } from '../instructions/types.ts';

/** The value of a key of a mount as it is written. */
export function mountValue({ fields }: MountFlag, ...keys: readonly string[]): string | undefined {
  return fields.find(({ key }) => keys.includes(key.text))?.value?.text;
}

/** What lies at a path that has `part` in it does not get into the image, because a cache or tmpfs is mounted there. */
export function isMountedOver({ mounts }: RunInstruction, part: string): boolean {
  return mounts.some(mount => {
    const type = mountValue(mount, 'type');
    const target = mountValue(mount, 'target', 'dst', 'destination');
    return (type === 'cache' || type === 'tmpfs') && (target?.includes(part) ?? false);
  });
}
