import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const mount = '/sys/fs/cgroup';

/** Whether this host has cgroup v2 alone. */
export const unified = existsSync(join(mount, 'cgroup.controllers'));

/** The folder that this test process may make for itself in the hierarchy of a controller. */
export function groupOf(controller: string): string {
  const name = `sampan-test-${process.pid}`;
  return unified ? join(mount, name) : join(mount, controller, name);
}

/** Make {@link groupOf} a controller: why that cannot be, or false. Who made it removes it. */
export function noGroup(controller: string): string | false {
  const group = groupOf(controller);
  try {
    accessSync(join(group, '..'), constants.W_OK);
    mkdirSync(group, { recursive: true });
    if (unified) writeFileSync(join(group, 'cgroup.subtree_control'), `+${controller}`);
    return false;
  } catch {
    return `the ${controller} controller is not delegated to this user`;
  }
}
