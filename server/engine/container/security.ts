import { SampanError } from '../../common/errors.ts';
import { maskedPaths, readOnlyPaths } from './defaults.ts';

/** What `--security-opt` decides. */
export interface SecurityChoice {
  readonly seccomp: boolean;
  readonly noNewPrivileges: boolean;
  readonly maskedPaths: readonly string[];
  readonly readOnlyPaths: readonly string[];
}

/**
 * Docker's security options: `no-new-privileges[:true|false]`, `seccomp=unconfined|builtin`,
 * `systempaths=unconfined`, and the labels of systems that are switched off (`apparmor=unconfined`,
 * `label=disable`).
 *
 * @throws SampanError `invalid-argument`, or `unsupported` for a profile that would be ignored
 */
export function resolveSecurity(options: readonly string[] = []): SecurityChoice {
  let choice: SecurityChoice = { seccomp: true, noNewPrivileges: false, maskedPaths, readOnlyPaths };
  for (const option of options) choice = { ...choice, ...readOption(option) };
  return choice;
}

function readOption(option: string): Partial<SecurityChoice> {
  const [, name, value = ''] = /^([^=:]+)(?:[=:](.*))?$/s.exec(option) ?? [];
  if (name === 'no-new-privileges' && ['', 'true', 'false'].includes(value))
    return { noNewPrivileges: value !== 'false' };
  if (name === 'seccomp' && value === 'unconfined') return { seccomp: false };
  if (name === 'seccomp' && (value === 'builtin' || value === 'default')) return { seccomp: true };
  if (name === 'systempaths' && value === 'unconfined') return { maskedPaths: [], readOnlyPaths: [] };
  if (name === 'apparmor' && value === 'unconfined') return {};
  if (name === 'label' && value === 'disable') return {};
  if (name === 'seccomp' || name === 'apparmor' || name === 'label') {
    throw new SampanError(
      'unsupported',
      `The security option ${name}=${value.slice(0, 80)} cannot be applied.`,
      {
        hint: 'Sampan confines by its built-in seccomp profile; seccomp=unconfined switches it off.',
      },
    );
  }
  throw new SampanError('invalid-argument', `Invalid --security-opt: "${option}".`, {
    hint: 'Known are no-new-privileges, seccomp=unconfined, systempaths=unconfined.',
  });
}
