import { SampanError } from '../../common/errors.ts';

/** capabilities(7): the index is the number. */
const names: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE ' +
  'NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE ' +
  'SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE ' +
  'AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF ' +
  'CHECKPOINT_RESTORE'
).split(' ');

/** Docker's default set, 0xa80425fb. */
const defaults: readonly string[] = (
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD ' +
  'AUDIT_WRITE SETFCAP'
).split(' ');

/** The number of a capability by its name without `CAP_`. */
export function capabilityNumber(name: string): number {
  return names.indexOf(name);
}

/**
 * Capability numbers of a container, ascending. Names go with or without `CAP_`, in any case; `ALL` means every
 * one that exists. The order of options does not matter: drop ALL with add X is X.
 *
 * @throws SampanError `invalid-argument` for a name that does not exist
 */
export function resolveCapabilities(add: readonly string[], drop: readonly string[]): readonly number[] {
  const added = add.map(normalize);
  const dropped = drop.map(normalize);
  const base = added.includes('ALL') ? names : dropped.includes('ALL') ? [] : defaults;
  const result = new Set(base);
  for (const name of dropped) result.delete(name);
  for (const name of added) if (name !== 'ALL') result.add(name);
  return [...result].map(capabilityNumber).sort((a, b) => a - b);
}

function normalize(text: string): string {
  const name = text.toUpperCase().replace(/^CAP_/, '');
  if (name === 'ALL' || names.includes(name)) return name;
  throw new SampanError('invalid-argument', `Unknown capability: "${text}".`, {
    hint: 'Capability names are those of capabilities(7), with or without CAP_, or ALL.',
  });
}
