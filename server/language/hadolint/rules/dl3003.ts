import { scriptRule } from '../scriptRule.ts';

/** The working directory is set by WORKDIR. */
export const dl3003 = scriptRule(
  {
    id: 'DL3003',
    severity: 'warning',
    summary: 'WORKDIR rather than cd chooses the directory',
    documentation:
      'What `cd` chooses is forgotten at the end of its `RUN`. `WORKDIR` holds for all that follows, also for `COPY` and for the container, and makes the directory.\n\n```dockerfile\nWORKDIR /usr/src/app\nRUN make\n```',
    skipsTriggers: true,
  },
  ({ script }) => {
    const command = script.commands.find(({ name }) => name === 'cd');
    return command && { at: command, message: 'Choose the directory with WORKDIR instead of cd' };
  },
);
