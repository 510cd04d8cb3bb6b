import { resolve } from 'node:path';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { withOutputFile, withStdinFile } from '../streams.ts';

export const cp = defineCommand({
  usage: 'cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-  |  cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  summary: 'Copy files/folders between a container and the local filesystem',
  flags: {
    archive: { kind: 'boolean', short: 'a', help: 'Archive mode (copy all uid/gid information)' },
    'follow-link': { kind: 'boolean', short: 'L', help: 'Always follow symbol link in SRC_PATH' },
    quiet: { kind: 'boolean', short: 'q', help: 'Suppress progress output during copy' },
  },
  args: [2, 2],
  async run({ flags, args: [source = '', destination = ''], client, interrupt }) {
    const from = placeOf(source);
    const to = placeOf(destination);
    if (from.container !== undefined && to.container !== undefined)
      throw usageFailure('copying between containers is not supported');
    const { container, path } = from.container === undefined ? to : from;
    if (container === undefined) throw usageFailure('must specify at least one container source');
    const connection = await client();
    const options = { container, path, keepOwners: flags.archive, followLink: flags['follow-link'] };
    const { signal } = interrupt;
    if (to.container === undefined) {
      if (to.path !== '-') {
        await connection.request(
          'sampan/container/copyFrom',
          { ...options, hostPath: absolute(to.path) },
          signal,
        );
        return 0;
      }
      await withOutputFile(undefined, hostPath =>
        connection.request('sampan/container/copyFrom', { ...options, hostPath, isArchive: true }, signal),
      );
      return 0;
    }
    if (from.path !== '-') {
      await connection.request(
        'sampan/container/copyTo',
        { ...options, hostPath: absolute(from.path) },
        signal,
      );
      return 0;
    }
    await withStdinFile(undefined, hostPath =>
      connection.request('sampan/container/copyTo', { ...options, hostPath, isArchive: true }, signal),
    );
    return 0;
  },
});

interface Place {
  readonly container: string | undefined;
  readonly path: string;
}

/** `CONTAINER:PATH`; what begins with `/` or `.` is a path of the host, whatever else it holds. */
export function placeOf(text: string): Place {
  const colon = text.indexOf(':');
  if (text.startsWith('/') || text.startsWith('.') || colon <= 0) return { container: undefined, path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) || '/' };
}

/** A `/` or `/.` at the end has a meaning. */
function absolute(path: string): string {
  const end = path === '.' ? '/.' : (/\/\.?$/.exec(path)?.[0] ?? '');
  const whole = resolve(path);
  return whole === '/' ? `/${end.slice(1)}` : whole + end;
}
