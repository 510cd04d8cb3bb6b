import { scriptRule } from '../scriptRule.ts';
import { missingSwitch } from '../switches.ts';

/** wget does not fill the log. */
export const dl3047 = scriptRule(
  {
    id: 'DL3047',
    severity: 'information',
    summary: 'wget does not fill the log with its progress',
    documentation:
      'Where there is no terminal wget writes a line for every 50 kilobytes. Choose a terse progress, or none with `-q` or `-nv`.\n\n```dockerfile\nRUN wget --progress=dot:giga https://example.com/large.tar\n```',
  },
  ({ script }) => {
    const chatty = script.commands.filter(
      command =>
        command.name === 'wget' &&
        !command.hasFlag('progress', 'q', 'quiet', 'o', 'output-file', 'a', 'append-output', 'no-verbose') &&
        !command.has('-nv'),
    );
    const message = 'wget fills the log with its progress: add --progress=dot:giga, -q or -nv';
    return missingSwitch(chatty, { text: '--progress=dot:giga', message });
  },
);
