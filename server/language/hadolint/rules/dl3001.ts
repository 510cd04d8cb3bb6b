import { scriptRule } from '../scriptRule.ts';

const pointless = new Set(['free', 'kill', 'mount', 'ps', 'service', 'shutdown', 'ssh', 'top', 'vim']);

/** Programs that manage a machine or talk to a person do nothing useful in a build. */
export const dl3001 = scriptRule(
  {
    id: 'DL3001',
    severity: 'information',
    summary: 'A program for machines or for people is of no use in a build',
    documentation:
      'A build has no services, no terminal and no processes but its own, so that `ssh`, `vim`, `shutdown`, `service`, `ps`, `free`, `top`, `kill` and `mount` have nothing to work on. Start services when the container starts, and set the image up with files and commands.',
  },
  ({ script }) => {
    const command = script.commands.find(({ name }) => pointless.has(name));
    if (!command) return undefined;
    return { at: command.nameSpan, message: `${command.name} does nothing useful in a build` };
  },
);
