import { scriptRule } from '../scriptRule.ts';
import { missingSwitch } from '../switches.ts';

/** A high user id does not blow up the login logs. */
export const dl3046 = scriptRule(
  {
    id: 'DL3046',
    severity: 'warning',
    summary: 'useradd with a high user id does without the login logs',
    documentation:
      'useradd writes into `/var/log/lastlog` and `/var/log/faillog` at a place that the user id gives. With a high id these files are huge and sparse, and a layer may keep them in full. `-l` (`--no-log-init`) leaves them alone.\n\n```dockerfile\nRUN useradd -l -u 123456 somebody\n```',
  },
  ({ script }) => {
    const adding = script.commands.filter(
      command =>
        command.name === 'useradd' &&
        !command.hasFlag('l', 'no-log-init') &&
        command.hasFlag('u', 'uid') &&
        command.valuesOf('u').some(({ text }) => text.length > 5),
    );
    const message = 'With a high user id the login logs become huge: add -l';
    return missingSwitch(adding, { text: '-l', message });
  },
);
