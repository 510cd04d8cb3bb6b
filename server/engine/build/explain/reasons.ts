import { isDigestOnly } from './inputs.ts';
import type { CacheReason, InputKind, StepInputs, TracedStep } from './types.ts';

/** Changes that are told one by one; the rest is counted. */
const changesMax = 10;

/** The step of an earlier build that `step` continues: the same instruction in its stage, else the one in its place. */
export function findEarlier(
  step: Pick<TracedStep, 'stage' | 'position' | 'name'>,
  { before, now }: { readonly before: readonly TracedStep[]; readonly now: readonly TracedName[] },
): TracedStep | undefined {
  const stage = before.filter(one => one.stage === step.stage);
  const same = stage.filter(one => one.name === step.name);
  const earlierTwins = now.filter(
    one => one.stage === step.stage && one.name === step.name && one.position < step.position,
  );
  const twin = same[earlierTwins.length];
  if (twin) return twin;
  const placed = stage.find(one => one.position === step.position);
  const isTaken = now.some(one => one.stage === step.stage && one.name === placed?.name);
  return placed && !isTaken && keyword(placed.name) === keyword(step.name) ? placed : undefined;
}

export type TracedName = Pick<TracedStep, 'stage' | 'position' | 'name'>;

function keyword(name: string): string {
  return name.split(' ', 1)[0] ?? '';
}

/** What is different between two looks at a step's inputs. */
export function changedInputs(before: StepInputs, after: StepInputs): readonly CacheReason[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changes = names
    .filter(name => before[name] !== after[name])
    .filter(name => !isShadowed(name, { before, after }))
    .map(name => inputReason(name, { before: before[name], after: after[name] }));
  const more = changes.length - changesMax;
  if (more <= 0) return changes;
  return [
    ...changes.slice(0, changesMax),
    {
      kind: 'input',
      input: 'content',
      name: '',
      change: 'changed',
      message: `and ${more} more change${more === 1 ? '' : 's'}`,
    },
  ];
}

/** When names are joined by folder in one and not in the other, all differ and nothing is told. */
function isShadowed(
  name: string,
  { before, after }: { readonly before: StepInputs; readonly after: StepInputs },
): boolean {
  const joined = (inputs: StepInputs) => Object.keys(inputs).some(one => one.startsWith('folder '));
  return /^(?:file|folder) /.test(name) && joined(before) !== joined(after);
}

function inputReason(
  key: string,
  { before, after }: { readonly before: string | undefined; readonly after: string | undefined },
): CacheReason {
  const space = key.indexOf(' ');
  const input = (space === -1 ? key : key.slice(0, space)) as InputKind;
  const name = space === -1 ? '' : key.slice(space + 1);
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  if (input === 'base') return baseReason({ before: before ?? '', after: after ?? '' });
  const shown = {
    ...(before !== undefined && !isDigestOnly(before) && { before }),
    ...(after !== undefined && !isDigestOnly(after) && { after }),
  };
  return {
    kind: 'input',
    input,
    name,
    change,
    ...shown,
    message: sentence({ input, name, change, ...shown }),
  };
}

/** Values are `reference id`. */
function baseReason({ before, after }: { readonly before: string; readonly after: string }): CacheReason {
  const [[name = '', id = ''], [newName = '', newId = '']] = [before.split(' '), after.split(' ')];
  const base = { kind: 'input', input: 'base', name: newName, change: 'changed' } as const;
  if (name !== newName)
    return {
      ...base,
      before: name,
      after: newName,
      message: `base image changed from ${name} to ${newName}`,
    };
  const message = `base image ${name} moved from ${shortId(id)} to ${shortId(newId)}`;
  return { ...base, before: id, after: newId, message };
}

interface Change {
  readonly input: InputKind;
  readonly name: string;
  readonly change: 'changed' | 'added' | 'removed';
  readonly before?: string;
  readonly after?: string;
}

function sentence(of: Change): string {
  const { change, before, after } = of;
  const subject = subjectOf(of);
  if (change === 'added') return `${subject} is new${shownValue(' with the value ', after)}`;
  if (change === 'removed') return `${subject} is gone`;
  if (before === undefined || after === undefined) return `${subject} changed`;
  return `${subject} changed from ${quoted(before)} to ${quoted(after)}`;
}

function subjectOf({ input, name }: Change): string {
  switch (input) {
    case 'arg':
      return `ARG ${name}`;
    case 'env':
      return `ENV ${name}`;
    case 'file':
      return `the file ${name}`;
    case 'folder':
      return `something in the folder ${name}`;
    case 'base':
      return 'base image';
    case 'instruction':
      return 'the instruction';
    case 'option':
      return `its ${name}`;
    case 'content':
      return name === '' ? 'what it reads' : `the ${name}`;
  }
}

function shownValue(prefix: string, value: string | undefined): string {
  return value === undefined ? '' : `${prefix}${quoted(value)}`;
}

function quoted(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

/** 12 digits are what people know an image by. */
function shortId(id = ''): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
