import { appendCommand, isCleanedUp, removes } from '../cleanup.ts';
import { scriptRule } from '../scriptRule.ts';

/** The cache of yum does not stay in the image. */
export const dl3032 = scriptRule(
  {
    id: 'DL3032',
    severity: 'warning',
    summary: 'yum clean all follows yum install',
    documentation:
      'What yum downloaded stays in the layer unless the same `RUN` removes it.\n\n```dockerfile\nRUN yum install -y httpd-2.4.62 && yum clean all\n```',
  },
  ({ script }) => {
    const installing = script.commands.filter(command => command.name === 'yum' && command.has('install'));
    const cleaning = script.commands.filter(
      command =>
        (command.name === 'yum' && command.has('clean', 'all')) || removes(command, '/var/cache/yum/*'),
    );
    const [at] = installing;
    if (!at || isCleanedUp(installing, cleaning)) return undefined;
    const message = 'What yum downloaded stays in the image: add yum clean all';
    return { at, message, fix: appendCommand(script, 'yum clean all') };
  },
);
