import { SampanError } from '../../common/errors.ts';
import type { ContainerFacts } from './state.ts';
import type { ContainerOptions, RestartPolicy } from './types.ts';

const names = ['no', 'always', 'on-failure', 'unless-stopped'] as const;

/**
 * Docker's checks of `--restart`.
 *
 * @throws SampanError `invalid-argument`
 */
export function checkRestart({
  restart,
  autoRemove,
}: Pick<ContainerOptions, 'restart' | 'autoRemove'>): void {
  if (!restart) return;
  if (!names.includes(restart.name))
    throw invalid(
      `Invalid restart policy: unknown policy '${restart.name}'.`,
      "Use one of 'no', 'always', 'on-failure', or 'unless-stopped'.",
    );
  if (restart.maximumRetries < 0 || !Number.isInteger(restart.maximumRetries))
    throw invalid('Invalid restart policy: maximum retry count cannot be negative.', 'Use on-failure:3.');
  if (restart.maximumRetries > 0 && restart.name !== 'on-failure')
    throw invalid(
      "Invalid restart policy: maximum retry count can only be used with 'on-failure'.",
      `Leave the number out: ${restart.name}.`,
    );
  if (autoRemove && restarts(restart))
    throw invalid(
      'Conflicting options: cannot specify both --restart and --rm.',
      'A container that is removed when it ends cannot be run again.',
    );
}

/** True for a policy other than `no`. */
export function restarts(policy: RestartPolicy | undefined): boolean {
  return policy !== undefined && policy.name !== 'no';
}

/** The policy as the helper reads it (native/init/restart.c); undefined for `no`. */
export function encodePolicy(policy: RestartPolicy | undefined): string | undefined {
  if (!policy || policy.name === 'no') return undefined;
  return policy.maximumRetries > 0 ? `${policy.name}:${policy.maximumRetries}` : policy.name;
}

/**
 * Whether docker's daemon would start a container when it starts itself, as after a reboot: `always` in any case,
 * `unless-stopped` unless it was stopped by hand, `on-failure` when the machine went down under it.
 */
export function startsAtBoot(facts: ContainerFacts): boolean {
  if (!facts.state || facts.monitorAlive || facts.removing) return false;
  switch (facts.record.options.restart?.name) {
    case 'always':
      return true;
    case 'unless-stopped':
      return !facts.stoppedByHand;
    case 'on-failure':
      return !facts.stoppedByHand && facts.state.status !== 'exited';
    default:
      return false;
  }
}

function invalid(message: string, hint: string): SampanError {
  return new SampanError('invalid-argument', message, { hint });
}
