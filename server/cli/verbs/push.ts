import { readReference } from '../../common/reference.ts';
import type { PushProgress } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { printLine } from '../output.ts';

export const push = defineCommand({
  usage: 'push [OPTIONS] NAME[:TAG]',
  summary: 'Upload an image to a registry',
  flags: {
    'all-tags': { kind: 'boolean', short: 'a', help: 'Push all tags of an image to the repository' },
    platform: { kind: 'string', help: 'Push the image only if it is for this platform' },
    quiet: { kind: 'boolean', short: 'q', help: 'Suppress verbose output' },
  },
  args: [1, 1],
  async run({ flags, args: [given = ''], client, interrupt }) {
    const connection = await client();
    const token = 'push';
    const { reference } = readReference(given);
    if (!flags.quiet && reference !== undefined) {
      if (!flags['all-tags'] && reference.tag === undefined && reference.digest === undefined) {
        await printLine('Using default tag: latest');
      }
      await printLine(`The push refers to repository [${reference.domain}/${reference.path}]`);
    }
    const last = new Map<string, string>();
    connection.on('sampan/push/progress', ({ progress, ...of }) => {
      if (flags.quiet || of.token !== token || last.get(progress.id) === progress.status) return;
      last.set(progress.id, progress.status);
      printLine(`${progress.id}: ${wordsOf(progress)}`);
    });
    const { pushed } = await connection.request(
      'sampan/image/push',
      {
        reference: given,
        token,
        all: flags['all-tags'],
        ...(flags.platform === undefined ? {} : { platform: flags.platform }),
      },
      interrupt.signal,
    );
    for (const { reference, digest, size } of pushed) {
      const tag = reference.slice(reference.lastIndexOf(':') + 1);
      await printLine(flags.quiet ? reference : `${tag}: digest: ${digest} size: ${size}`);
    }
    return 0;
  },
});

/** Docker's words for the states of a layer. */
function wordsOf({ status, from = '' }: PushProgress): string {
  switch (status) {
    case 'preparing':
      return 'Preparing';
    case 'pushing':
      return 'Pushing';
    case 'pushed':
      return 'Pushed';
    case 'exists':
      return 'Layer already exists';
    case 'mounted':
      return `Mounted from ${from}`;
  }
}
