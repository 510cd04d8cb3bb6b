import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { print } from '../output.ts';

const pageBytes = 256 * 1024;

export const logs = defineCommand({
  usage: 'logs [OPTIONS] CONTAINER',
  summary: 'Fetch the logs of a container',
  flags: {
    details: { kind: 'boolean', hidden: true, help: '' },
    follow: { kind: 'boolean', short: 'f', help: 'Follow log output' },
    since: {
      kind: 'string',
      help: 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m")',
    },
    tail: {
      kind: 'string',
      short: 'n',
      help: 'Number of lines to show from the end of the logs (default all)',
    },
    timestamps: { kind: 'boolean', short: 't', help: 'Show timestamps' },
    until: { kind: 'string', help: 'Show logs before a timestamp or relative' },
  },
  args: [1, 1],
  async run({ flags, args: [container = ''], client, interrupt }) {
    await printLog(await client(), {
      container,
      follow: flags.follow,
      timestamps: flags.timestamps,
      signal: interrupt.signal,
      range: {
        ...(flags.since === undefined ? {} : { since: flags.since }),
        ...(flags.until === undefined ? {} : { until: flags.until }),
        ...tailOf(flags.tail),
      },
    });
    return 0;
  },
});

interface LogRequest {
  readonly container: string;
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly signal: AbortSignal;
  readonly range: { readonly since?: string; readonly until?: string; readonly tail?: number };
}

/** Fetches page by page: what is not read yet stays on the disk, however long the log. */
async function printLog(client: Client, request: LogRequest): Promise<void> {
  let from: { cursor?: string; tail?: number } = request.range;
  for (let end = false; !end; ) {
    const page = await client.request(
      'sampan/container/log',
      {
        ...request.range,
        ...from,
        container: request.container,
        follow: request.follow,
        maxBytes: pageBytes,
      },
      request.signal,
    );
    for (const { stream, time, text } of page.records) {
      const line = request.timestamps ? `${time} ${text}` : text;
      if (stream === 'stdout') await print(line);
      else process.stderr.write(line);
    }
    from = { cursor: page.cursor };
    end = page.end;
  }
}

/** docker takes anything that is no number, and -1, as "all". */
function tailOf(text: string | undefined): { tail?: number } {
  const lines = Number(text);
  return text !== undefined && Number.isInteger(lines) && lines >= 0 ? { tail: lines } : {};
}
