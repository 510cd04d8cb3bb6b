import type { Holder } from './holder.ts';
import type { HostIsolation } from './types.ts';

/** What the holder found out about this host, with a sentence for everything that a user will miss. */
export async function readHost(holder: Holder): Promise<HostIsolation> {
  const facts = await holder.ask('info');
  const rootless = facts.flag('rootless');
  const idCount = facts.number('idCount');
  const overlay = facts.flag('overlay');
  const idMap = rootless ? (idCount > 1 ? 'range' : 'single') : 'root';
  const warnings: string[] = [];
  if (idMap === 'single') warnings.push(singleIdWarning);
  if (!overlay) warnings.push(overlayWarning(facts.text('overlayErrno')));
  return {
    rootless,
    idMap,
    idCount,
    overlay,
    warnings,
    egress: facts.text('egress') as HostIsolation['egress'],
  };
}

const singleIdWarning =
  'Only one user id is available inside containers, so images with files of several users and `--user` will not work. ' +
  'Install uidmap (newuidmap, newgidmap) and, as root, run `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER`.';

function overlayWarning(errno: string): string {
  return (
    `The file system of SAMPAN_ROOT cannot hold overlay layers (${errno}), which every container needs. ` +
    'Put SAMPAN_ROOT on ext4, xfs, btrfs or tmpfs with a kernel of 5.13 or newer.'
  );
}
