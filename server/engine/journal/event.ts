import { SampanError } from '../../common/errors.ts';

/** Something that happened to an object, in docker's words (moby: api/types/events). */
export interface EngineEvent {
  readonly type: 'container' | 'image' | 'volume' | 'network';
  /** `create`, `die`, `health_status: healthy`, … */
  readonly action: string;
  readonly actor: {
    /** Id of a container or network; name of a volume; id or reference of an image. */
    readonly id: string;
    /** Labels of the object among them. */
    readonly attributes: { readonly [name: string]: string };
  };
  /** Nanoseconds since 1970. */
  readonly time: bigint;
}

const nanosecondsPerSecond = 1_000_000_000n;

/** One line of the journal: docker's JSON. The monitor writes the same (native/init/journal.c). */
export function encodeEvent({ type, action, actor, time }: EngineEvent): string {
  const head = JSON.stringify({
    Type: type,
    Action: action,
    Actor: { ID: actor.id, Attributes: actor.attributes },
    scope: 'local',
  });
  // Nanoseconds are more than a JavaScript number holds.
  return `${head.slice(0, -1)},"time":${time / nanosecondsPerSecond},"timeNano":${time}}\n`;
}

/** The event of a line without its end; undefined for a line that is none. A torn line before an event is passed over. */
export function decodeEvent(line: string): EngineEvent | undefined {
  const start = line.lastIndexOf('{"Type":');
  const time = /"timeNano":(\d+)\}$/.exec(line)?.[1];
  if (start < 0 || time === undefined) return undefined;
  // A label may hold the words that a line begins with.
  const value = parsed(line) ?? parsed(line.slice(start));
  if (value === undefined) return undefined;
  const { Type: type, Action: action, Actor: actor } = value;
  return { type, action, actor: { id: actor.ID, attributes: actor.Attributes }, time: BigInt(time) };
}

interface Line {
  readonly Type: EngineEvent['type'];
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: { readonly [name: string]: string } };
}

function parsed(text: string): Line | undefined {
  try {
    const value = JSON.parse(text) as Line | null;
    const isEvent = typeof value?.Action === 'string' && typeof value.Actor?.Attributes === 'object';
    return isEvent ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Values by key: those of one key are alternatives, all labels must hold. */
export type EventFilters = { readonly [key: string]: readonly string[] };

const tests: { readonly [key: string]: (event: EngineEvent, value: string) => boolean } = {
  type: ({ type }, value) => type === value,
  // `health_status` stands for all of its kinds.
  event: ({ action }, value) => action === value || action.startsWith(`${value}: `),
  label: ({ actor }, value) => {
    const equals = value.indexOf('=');
    if (equals < 0) return Object.hasOwn(actor.attributes, value);
    return actor.attributes[value.slice(0, equals)] === value.slice(equals + 1);
  },
  container: (event, value) => isObject('container', { event, value }),
  volume: (event, value) => isObject('volume', { event, value }),
  network: (event, value) => isObject('network', { event, value }),
  image: ({ type, actor }, value) => {
    const name = type === 'image' ? actor.id : (actor.attributes.image ?? '');
    return [name, actor.attributes.name, withoutTag(name)].includes(value) || name === `${value}:latest`;
  },
  scope: (_, value) => value === 'local',
  daemon: () => false,
};

function isObject(
  type: EngineEvent['type'],
  { event, value }: { readonly event: EngineEvent; readonly value: string },
): boolean {
  const { id, attributes } = event.actor;
  const related = event.type === type ? [id, attributes.name] : [attributes[type]];
  return related.includes(value) || (event.type === type && value !== '' && id.startsWith(value));
}

function withoutTag(reference: string): string {
  return reference.replace(/:[^:/]*$/, '');
}

/** @throws SampanError `invalid-argument` for a filter that there is not */
export function eventFilter(filters: EventFilters): (event: EngineEvent) => boolean {
  for (const key of Object.keys(filters))
    if (!Object.hasOwn(tests, key))
      throw new SampanError('invalid-argument', `Invalid filter '${key}'.`, {
        hint: `Known filters: ${Object.keys(tests).join(', ')}.`,
      });
  return event =>
    Object.entries(filters).every(([key, values]) => {
      const passes = (value: string) => tests[key]?.(event, value) ?? false;
      return key === 'label' ? values.every(passes) : values.some(passes);
    });
}
