import type { StoreEvent } from '../../protocol/types.ts';

/** An event as docker's API has it, with the older fields that clients still read (moby: api/types/events, Message). */
function eventDocument(event: StoreEvent): object {
  const { type, action, id, attributes } = event;
  const older =
    type === 'container'
      ? { status: action, id, from: attributes.image ?? '' }
      : type === 'image'
        ? { status: action, id }
        : {};
  return {
    ...older,
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: Object.fromEntries(sortedAttributes(event)) },
    scope: 'local',
    time: Number(secondsOf(event)),
    timeNano: Number(event.timeNano),
  };
}

/** The same as a template sees it: by the names of Go's fields, and as JSON by the others. */
export function eventFields(event: StoreEvent): object {
  const { type, action, id, attributes, timeNano } = event;
  const isObject = type === 'container' || type === 'image';
  const fields = {
    Status: isObject ? action : '',
    ID: isObject ? id : '',
    From: type === 'container' ? (attributes.image ?? '') : '',
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: Object.fromEntries(sortedAttributes(event)) },
    Scope: 'local',
    Time: Number(secondsOf(event)),
    TimeNano: timeNano,
  };
  return Object.defineProperty(fields, 'toJSON', { value: () => eventDocument(event), enumerable: false });
}

/** One line of JSON: the nanoseconds are written as they are, a JavaScript number would round them. */
export function eventJson(event: StoreEvent): string {
  const text = JSON.stringify({ ...eventDocument(event), timeNano: 0 });
  return text.replace(/0\}$/, `${event.timeNano}}`);
}

/** docker's line: `2006-01-02T15:04:05.000000000+01:00 container start <id> (image=busybox, name=x)`. */
export function eventLine(event: StoreEvent): string {
  const attributes = sortedAttributes(event).map(([name, value]) => `${name}=${value}`);
  const more = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`;
  return `${localTime(event)} ${event.type} ${event.action} ${event.id}${more}`;
}

function sortedAttributes({ attributes }: StoreEvent): readonly (readonly [string, string])[] {
  return Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
}

const nanosecondDigits = 9;

function secondsOf({ timeNano }: StoreEvent): string {
  return timeNano.slice(0, -nanosecondDigits) || '0';
}

/** RFC 3339 in the local zone, always with nine decimals. */
function localTime(event: StoreEvent): string {
  const date = new Date(Number(secondsOf(event)) * 1000);
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const two = (value: number) => String(value).padStart(2, '0');
  const away = Math.abs(offset);
  const zone =
    offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`;
  return `${shifted}.${event.timeNano.slice(-nanosecondDigits)}${zone}`;
}
