import { defineCommand } from '../command.ts';
import { note, printLine } from '../output.ts';

/** What docker's daemon does when it starts: nobody else is there to do it after a reboot. */
export const systemStart = defineCommand({
  usage: 'start',
  summary: 'Start the containers whose restart policy asks for it, as after a reboot',
  flags: {},
  args: [0, 0],
  async run({ client }) {
    const { started, failed } = await (await client()).request('sampan/container/startByPolicy', {});
    for (const name of started) await printLine(name);
    for (const message of failed) note(`Error: ${message}`);
    return failed.length === 0 ? 0 : 1;
  },
});
