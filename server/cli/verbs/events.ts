import type { StoreEvent } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { applied } from '../listing.ts';
import { print, withoutControls } from '../output.ts';
import { eventFields, eventJson, eventLine } from '../rows/events.ts';

export const events = defineCommand({
  usage: 'events [OPTIONS]',
  summary: 'Get real time events from the store',
  flags: {
    filter: { kind: 'list', short: 'f', value: 'filter', help: 'Filter output based on conditions provided' },
    format: { kind: 'string', help: "Format output using a custom template: 'json', or TEMPLATE" },
    since: { kind: 'string', help: 'Show all events created since timestamp' },
    until: { kind: 'string', help: 'Stream events until this timestamp' },
  },
  args: [0, 0],
  async run({ flags, client, interrupt }) {
    const write = writerOf(flags.format);
    const range = {
      filters: filtersOf(flags.filter),
      ...sinceOf(flags),
      ...(flags.until === undefined ? {} : { until: flags.until }),
    };
    const connection = await client();
    let cursor: { cursor?: string } = {};
    for (let end = false; !end; ) {
      const page = await connection.request(
        'sampan/engine/events',
        { ...range, ...cursor },
        interrupt.signal,
      );
      await print(page.events.map(event => `${write(event)}\n`).join(''));
      cursor = { cursor: page.cursor };
      end = page.end;
    }
    return 0;
  },
});

/**
 * Without an end it is from this command's own start on: who runs it and a container at once, as the dev containers CLI
 * does, misses nothing.
 */
function sinceOf(flags: { readonly since: string | undefined; readonly until: string | undefined }): {
  since?: string;
} {
  if (flags.since !== undefined) return { since: flags.since };
  return flags.until === undefined ? { since: new Date(performance.timeOrigin).toISOString() } : {};
}

/** What an image or label says must not drive the terminal. */
function writerOf(format: string | undefined): (event: StoreEvent) => string {
  if (format === undefined || format === '') return event => withoutControls(eventLine(event));
  if (format === 'json' || format === '{{json .}}') return eventJson;
  const template = applied(format);
  return event => template(eventFields(event));
}

function filtersOf(texts: readonly string[]): { [key: string]: string[] } {
  const filters: { [key: string]: string[] } = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals < 0)
      throw new CliFailure(
        `invalid argument "${text}" for "-f, --filter" flag: bad format of filter (expected name=value)`,
        { exitCode: 125 },
      );
    const key = text.slice(0, equals).trim().toLowerCase();
    filters[key] = [...(filters[key] ?? []), text.slice(equals + 1).trim()];
  }
  return filters;
}
