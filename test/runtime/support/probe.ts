import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maskedPaths, readOnlyPaths } from '../../../server/engine/container/defaults.ts';
import { defaultSeccompRules } from '../../../server/engine/container/seccompProfile.ts';
import type { MountSpec } from '../../../server/engine/runtime/types.ts';
import type { Sandbox } from './sandbox.ts';
import { defaultCapabilities, type SpecChange } from './spec.ts';

const compiler = process.env.CC ?? 'cc';

/** Why the probe cannot be had here, or false. */
export const noProbe = spawnSync(compiler, ['--version']).error ? `no C compiler (${compiler})` : false;

/** The probe (probe.c) as a mount at /probe. Throws what the compiler says. */
export function makeProbe(sandbox: Sandbox): MountSpec {
  const source = join(sandbox.base, 'probe');
  const flags = ['-static', '-O1', '-std=gnu11', '-D_GNU_SOURCE'];
  const built = spawnSync(compiler, [...flags, join(import.meta.dirname, 'probe.c'), '-o', source], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
  return { kind: 'bind', source, target: '/probe', readOnly: true, options: [] };
}

/** What the engine gives every container: docker's seccomp profile, masked and read-only paths. */
export async function confinement(sandbox: Sandbox): Promise<SpecChange> {
  const seccompFilter = join(sandbox.base, 'default.bpf');
  const rules = defaultSeccompRules(defaultCapabilities, process.arch);
  writeFileSync(seccompFilter, (await sandbox.runtime.compileSeccomp(rules)).bytes);
  return { seccompFilter, maskedPaths, readOnlyPaths };
}
