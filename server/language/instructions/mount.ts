import { SampanError } from '../../common/errors.ts';
import { parseSize } from '../../common/sizes.ts';
import type { Word } from '../syntax/tree.ts';
import { splitCsv } from './csv.ts';
import { parseBoolean } from './literals.ts';
import type { Report } from './report.ts';
import { didYouMean, suggest } from './suggest.ts';
import type { Mount, MountField, MountFlag } from './types.ts';

export const mountTypes = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
export const sharingModes = ['shared', 'private', 'locked'] as const;

/** The keys of `--mount`, by the name that the others stand for. */
export const mountKeys: ReadonlyMap<string, string> = new Map(
  Object.entries({
    type: 'type',
    from: 'from',
    source: 'source',
    src: 'source',
    target: 'target',
    dst: 'target',
    destination: 'target',
    readonly: 'readonly',
    ro: 'readonly',
    readwrite: 'readwrite',
    rw: 'readwrite',
    required: 'required',
    size: 'size',
    id: 'id',
    sharing: 'sharing',
    mode: 'mode',
    uid: 'uid',
    gid: 'gid',
    env: 'env',
  }),
);

/** Reads the parts of a `--mount` flag. What they mean is known when their variables are: see {@link resolveMount}. */
export function readMountFlag(value: Word, report: Report): MountFlag {
  const csv = splitCsv(value.text);
  if (csv.error !== undefined) {
    report(value, 'invalid-mount', `failed to parse csv mounts: ${csv.error}`);
    return { value, fields: [] };
  }
  const fields = csv.fields.map(field => readField(value, field));
  for (const field of fields) {
    const dollar = field.key.text === 'from' ? (field.value?.text.indexOf('$') ?? -1) : -1;
    if (!field.value || dollar < 0 || dollar === field.value.text.length - 1) continue;
    const message = "'from' doesn't support variable expansion, define alias stage instead";
    report(field.value, 'variable-in-from', message);
  }
  return { value, fields };
}

/**
 * What a `--mount` flag asks for; `expand` replaces the variables of each value.
 *
 * @throws SampanError `dockerfile-invalid` when a key or value is unknown or does not fit the type
 */
export function resolveMount(flag: MountFlag, expand: (word: string) => string): Mount {
  const draft: Draft = { ...emptyMount };
  for (const field of flag.fields) applyField(draft, field, expand);
  const { readOnlyAsked, ...mount } = draft;
  checkOwnership(mount);
  if (mount.type === 'secret') checkSecret(mount);
  if (mount.sharing !== undefined && mount.type !== 'cache') {
    throw invalid(`invalid cache sharing set for ${mount.type} mount`);
  }
  const writable = mount.type === 'cache' || mount.type === 'tmpfs';
  return { ...mount, readOnly: readOnlyAsked ?? !writable };
}

type Draft = { -readonly [Key in keyof Mount]: Mount[Key] } & { readOnlyAsked: boolean | undefined };

const emptyMount: Draft = {
  type: 'bind',
  from: undefined,
  source: undefined,
  target: undefined,
  readOnly: true,
  readOnlyAsked: undefined,
  size: 0,
  id: undefined,
  sharing: undefined,
  required: false,
  env: undefined,
  mode: undefined,
  uid: undefined,
  gid: undefined,
};

function readField(value: Word, field: { text: string; start: number }): MountField {
  const equals = field.text.indexOf('=');
  const keyLength = equals < 0 ? field.text.length : equals;
  const part = (from: number, to: number): Word => {
    const text = field.text.slice(from, to);
    // Quotes or a continuation inside the flag: its parts cannot be told apart in the file.
    if (value.end - value.start !== value.text.length) return value.withText(text);
    const start = value.start + field.start + from;
    return value.part(text, { start, end: start + to - from });
  };
  const key = part(0, keyLength);
  return {
    key: key.withText(key.text.toLowerCase()),
    value: equals < 0 ? undefined : part(equals + 1, field.text.length),
  };
}

function applyField(draft: Draft, field: MountField, expand: (word: string) => string): void {
  const key = field.key.text;
  if (!field.value) {
    applySwitch(draft, key);
    return;
  }
  const value = expand(field.value.text);
  switch (mountKeys.get(key)) {
    case 'type':
      draft.type = oneOf(value, mountTypes, 'unsupported mount type');
      break;
    case 'sharing':
      draft.sharing = oneOf(value, sharingModes, 'unsupported sharing value');
      break;
    case 'from':
      draft.from = value || undefined;
      break;
    case 'source':
      draft.source = value || undefined;
      break;
    case 'target':
      draft.target = value || undefined;
      break;
    case 'id':
      draft.id = value || undefined;
      break;
    case 'env':
      draft.env = value;
      break;
    case 'readonly':
      draft.readOnlyAsked = boolean(key, value);
      break;
    case 'readwrite':
      draft.readOnlyAsked = !boolean(key, value);
      break;
    case 'required':
      draft.required = allowed(draft, key, ['secret', 'ssh']) && boolean(key, value);
      break;
    case 'size':
      allowed(draft, key, ['tmpfs']);
      draft.size = parseSize(value) ?? fail(`invalid value for ${key}: ${value}`);
      break;
    case 'mode':
      draft.mode = unsigned(key, value, 8);
      break;
    case 'uid':
      draft.uid = unsigned(key, value, 10);
      break;
    case 'gid':
      draft.gid = unsigned(key, value, 10);
      break;
    default:
      throw unknownKey(key, `${key}=${value}`);
  }
}

function applySwitch(draft: Draft, key: string): void {
  if (mountKeys.get(key) === 'readonly') draft.readOnlyAsked = true;
  else if (mountKeys.get(key) === 'readwrite') draft.readOnlyAsked = false;
  else if (key === 'required') draft.required = allowed(draft, key, ['secret', 'ssh']);
  else throw invalid(`invalid field '${key}' must be a key=value pair`);
}

function unknownKey(key: string, field: string): SampanError {
  const suggestion = suggest(key, mountKeys.keys());
  return invalid(`unexpected key '${key}' in '${field}'${didYouMean(suggestion)}`);
}

function oneOf<T extends string>(value: string, values: readonly T[], what: string): T {
  const lower = value.toLowerCase();
  const found = values.find(one => one === lower);
  return found ?? fail(`${what} ${JSON.stringify(value)}${didYouMean(suggest(value, values))}`);
}

function allowed(draft: Draft, key: string, types: readonly Mount['type'][]): true {
  if (types.includes(draft.type)) return true;
  throw invalid(`unexpected key '${key}' for mount type '${draft.type}'`);
}

function boolean(key: string, value: string): boolean {
  return parseBoolean(value) ?? fail(`invalid value for ${key}: ${value}`);
}

function unsigned(key: string, value: string, base: 8 | 10): number {
  const digits = base === 8 ? /^[0-7]+$/ : /^\d+$/;
  const number = digits.test(value) ? Number.parseInt(value, base) : Number.NaN;
  return number < 2 ** 32 ? number : fail(`invalid value ${value} for ${key}`);
}

function checkOwnership(mount: Omit<Mount, 'readOnly'>): void {
  if (mount.type === 'secret' || mount.type === 'ssh' || mount.type === 'cache') return;
  for (const key of ['mode', 'uid', 'gid'] as const) {
    if (mount[key] !== undefined) {
      throw invalid(`${key} not allowed for ${JSON.stringify(mount.type)} type mounts`);
    }
  }
}

function checkSecret(mount: Omit<Mount, 'readOnly'>): void {
  if (mount.from !== undefined) throw invalid('secret mount should not have a from');
  if (mount.sharing !== undefined) throw invalid('secret mount should not define sharing');
  if (mount.source === undefined && mount.target === undefined && mount.id === undefined) {
    throw invalid('invalid secret mount. one of source, target required');
  }
  if (mount.source !== undefined && mount.id !== undefined) {
    throw invalid("both source and id can't be set");
  }
}

function fail(message: string): never {
  throw invalid(message);
}

function invalid(message: string): SampanError {
  return new SampanError('dockerfile-invalid', message);
}
