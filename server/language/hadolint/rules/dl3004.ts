import { scriptRule } from '../scriptRule.ts';

/** A build needs no sudo. */
export const dl3004 = scriptRule(
  {
    id: 'DL3004',
    severity: 'warning',
    summary: 'sudo has no place in a build',
    documentation:
      'A build runs as root until `USER` says otherwise; `sudo` changes the environment, may want a terminal, and leaves a way to root in the image. Switch with `USER root` and back. A program that gives up root when the container starts is better served by `gosu` or `setpriv`.',
  },
  ({ script }) => {
    const command = script.commands.find(({ name }) => name === 'sudo');
    return command && { at: command.nameSpan, message: 'Switch with USER instead of sudo' };
  },
);
