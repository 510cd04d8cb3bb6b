import { scriptRule } from '../scriptRule.ts';

/** SHELL chooses the shell. */
export const dl4005 = scriptRule(
  {
    id: 'DL4005',
    severity: 'warning',
    summary: 'SHELL rather than a link at /bin/sh chooses the shell',
    documentation:
      'A link at `/bin/sh` changes what all programs of the image run their scripts with. `SHELL` changes the shell of the following instructions only.\n\n```dockerfile\nSHELL ["/bin/bash", "-c"]\n```',
  },
  ({ script }) => {
    const command = script.commands.find(one => one.name === 'ln' && one.has('/bin/sh'));
    return command && { at: command, message: 'Choose the shell with SHELL instead of a link at /bin/sh' };
  },
);
