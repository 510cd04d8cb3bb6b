import { SampanError } from '../../common/errors.ts';
import type { NetworkChoice } from './record.ts';

/** Kernel settings of the IPC namespace, sysctl(8) names. */
const ipc = /^(?:kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/;

/**
 * Settings that a container may have because a namespace of its own holds them, with docker's defaults for its
 * own network: every port may be bound without privilege.
 *
 * @throws SampanError `invalid-argument` for any other
 */
export function resolveSysctls(
  sysctls: { readonly [name: string]: string } = {},
  { network, ownIpc }: { readonly network: NetworkChoice; readonly ownIpc: boolean },
): { readonly [name: string]: string } {
  const ownNetwork = network.mode === 'bridge' || network.mode === 'none';
  for (const name of Object.keys(sysctls)) {
    if ((ownIpc && ipc.test(name)) || (ownNetwork && name.startsWith('net.'))) continue;
    throw new SampanError('invalid-argument', `sysctl '${name}' is not allowed.`, {
      hint: name.startsWith('net.')
        ? 'Settings below net. need a network namespace of the container’s own.'
        : 'Only settings of the container’s own namespaces can be changed: kernel.msg*, kernel.sem, kernel.shm*, fs.mqueue.*, net.*.',
    });
  }
  return { ...(ownNetwork ? { 'net.ipv4.ip_unprivileged_port_start': '0' } : {}), ...sysctls };
}
