import { CliFailure, ExitCode } from '../failure.ts';
import type { Flag } from '../flags.ts';

/** Docker's flags of `run` and `create` that Sampan does not have yet: refused by name, not as a misspelling. */
const flag = { kind: 'string', hidden: true, help: '' } as const satisfies Flag;
const list = { kind: 'list', hidden: true, help: '' } as const satisfies Flag;
const boolean = { kind: 'boolean', hidden: true, help: '' } as const satisfies Flag;

export const unsupportedFlags = {
  privileged: boolean,
  device: list,
  gpus: flag,
  userns: flag,
  'cgroup-parent': flag,
  runtime: flag,
  isolation: flag,
  ip: flag,
  ip6: flag,
  'mac-address': flag,
  'log-driver': flag,
  'log-opt': list,
  'oom-kill-disable': boolean,
  'storage-opt': list,
  'volume-driver': flag,
  domainname: flag,
} as const;

/** Values that ask for what happens anyway. */
const harmless: { readonly [name: string]: readonly string[] } = {
  isolation: ['default', ''],
  'log-driver': ['json-file'],
  'volume-driver': ['local'],
};

/** Throws a failure that names the first flag that cannot be had. */
export function refuseUnsupported(flags: { readonly [name: string]: unknown }): void {
  for (const name of Object.keys(unsupportedFlags)) {
    const value = flags[name];
    const given = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    if (!given || harmless[name]?.includes(String(value))) continue;
    throw new CliFailure(`--${name} is not supported by Sampan yet.`, {
      exitCode: ExitCode.usage,
      hint: reasons[name] ?? 'Leave it out.',
    });
  }
}

const reasons: { readonly [name: string]: string } = {
  privileged:
    'Containers never get more rights than their user has. Name the capabilities that are needed with --cap-add.',
  device: 'Only the usual devices (null, zero, full, random, urandom, tty) are there.',
};
