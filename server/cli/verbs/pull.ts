import type { PullProgress } from '../../protocol/types.ts';
import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { note, printLine } from '../output.ts';

export const pull = defineCommand({
  usage: 'pull [OPTIONS] NAME[:TAG|@DIGEST]',
  summary: 'Download an image from a registry',
  flags: {
    platform: { kind: 'string', help: 'Set platform if the image has several' },
    quiet: { kind: 'boolean', short: 'q', help: 'Suppress verbose output' },
  },
  args: [1, 1],
  async run({ flags, args: [reference = ''], client, interrupt }) {
    const connection = await client();
    const token = 'pull';
    if (!flags.quiet) showPullProgress(connection, { token, write: printLine });
    const image = await connection.request(
      'sampan/image/pull',
      { reference, token, ...(flags.platform === undefined ? {} : { platform: flags.platform }) },
      interrupt.signal,
    );
    const name = image.tags.find(tag => tag.startsWith(reference)) ?? image.tags[0] ?? reference;
    const digest = image.repoDigests[0]?.split('@')[1];
    if (!flags.quiet && digest !== undefined) await printLine(`Digest: ${digest}`);
    await printLine(name);
    return 0;
  },
});

const words: { readonly [status in PullProgress['status']]: string } = {
  waiting: 'Waiting',
  downloading: 'Downloading',
  verifying: 'Verifying Checksum',
  extracting: 'Extracting',
  exists: 'Already exists',
  done: 'Pull complete',
};

/** One line for each new state of a layer. */
export function showPullProgress(
  client: Client,
  options: { readonly token: string; readonly write: (line: string) => void },
): void {
  const last = new Map<string, string>();
  client.on('sampan/pull/progress', ({ token, progress }) => {
    if (token !== options.token || last.get(progress.id) === progress.status) return;
    last.set(progress.id, progress.status);
    options.write(`${progress.id}: ${words[progress.status]}`);
  });
}

/** The same on stderr, headed by docker's line, for a verb whose stdout is somebody's data. */
export function showImplicitPull(
  client: Client,
  options: { token: string; image: string; quiet: boolean },
): void {
  let announced = false;
  const announce = (line: string) => {
    if (!announced) note(`Unable to find image '${options.image}' locally`);
    announced = true;
    if (!options.quiet) note(line);
  };
  showPullProgress(client, { token: options.token, write: announce });
}
