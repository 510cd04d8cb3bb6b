import { resolve } from 'node:path';
import type { MountOption } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';
import { csvFields } from './csv.ts';
import { readSize } from './values.ts';

const propagations = ['shared', 'slave', 'private', 'rshared', 'rslave', 'rprivate'];
/** Modes of `-v` that mean nothing here: they tune file sharing of other systems or relabel for SELinux. */
const ignoredModes = ['consistent', 'cached', 'delegated', 'z', 'Z'];

/** `-v [source:]target[:modes]`: a path is a bind, a name a volume, no source an anonymous volume. */
export function readVolume(text: string, workingDirectory: string): MountOption {
  const parts = text.split(':');
  if (parts.length > 3 || parts.includes('')) throw badVolume(text, 'the form is [source:]target[:modes]');
  const [first = '', second, third] = parts;
  if (second === undefined) return volume(text, { source: undefined, target: first, modes: [] });
  const modes = third?.split(',') ?? [];
  return volume(text, { source: sourceOf(first, workingDirectory), target: second, modes });
}

function volume(
  text: string,
  { source, target, modes }: { source: string | undefined; target: string; modes: readonly string[] },
): MountOption {
  if (!target.startsWith('/'))
    throw badVolume(text, `invalid mount path: '${target}' mount path must be absolute`);
  if (/^\/+(\.?\/*)*$/.test(target)) throw badVolume(text, "destination can't be '/'");
  const isBind = source?.startsWith('/') ?? false;
  const options: string[] = [];
  let readOnly = false;
  for (const mode of modes) {
    if (mode === 'ro') readOnly = true;
    else if (propagations.includes(mode) && isBind) options.push(mode);
    else if (mode === 'nocopy' && !isBind) options.push(mode);
    else if (mode !== 'rw' && !ignoredModes.includes(mode)) throw badVolume(text, `invalid mode: ${mode}`);
  }
  if (source !== undefined && !isBind && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(source)) {
    throw badVolume(
      text,
      `"${source}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  return {
    type: isBind ? 'bind' : 'volume',
    ...(source === undefined ? {} : { source }),
    target,
    readOnly,
    options,
    createSource: isBind,
  };
}

/** Docker's client makes paths that begin with a dot absolute. */
function sourceOf(source: string, workingDirectory: string): string {
  return /^\.{1,2}(\/|$)/.test(source) ? resolve(workingDirectory, source) : source;
}

function badVolume(text: string, why: string): Error {
  return usageFailure(`invalid volume specification: '${text}': ${why}`);
}

/** `--tmpfs target[:options]`. */
export function readTmpfs(text: string): MountOption {
  const colon = text.indexOf(':');
  const target = colon < 0 ? text : text.slice(0, colon);
  const options =
    colon < 0
      ? []
      : text
          .slice(colon + 1)
          .split(',')
          .filter(option => option !== '');
  if (!target.startsWith('/'))
    throw usageFailure(`invalid tmpfs path '${target}': mount path must be absolute`);
  return {
    type: 'tmpfs',
    target,
    readOnly: options.includes('ro'),
    options: options.filter(option => option !== 'ro' && option !== 'rw'),
    createSource: false,
  };
}

/** `--mount type=bind,source=…,target=…,readonly`: comma-separated fields, quoted as in CSV (RFC 4180). */
export function readMount(text: string, workingDirectory: string): MountOption {
  const fields = new Map<string, string>();
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const name = synonyms[key] ?? key;
    if (!knownFields.has(name)) throw badMount(text, `unexpected key '${key}' in '${field}'`);
    if (equals < 0 && !flagFields.has(name))
      throw badMount(text, `invalid field '${field}' must be a key=value pair`);
    fields.set(name, equals < 0 ? 'true' : field.slice(equals + 1));
  }
  return mountOf(text, fields, workingDirectory);
}

const synonyms: { readonly [key: string]: string } = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
};
const flagFields = new Set(['readonly', 'volume-nocopy', 'bind-nonrecursive']);
const knownFields = new Set([
  ...flagFields,
  ...['type', 'source', 'target', 'bind-propagation', 'volume-subpath', 'tmpfs-size', 'tmpfs-mode'],
  ...['consistency', 'volume-driver'],
]);

function mountOf(text: string, fields: ReadonlyMap<string, string>, workingDirectory: string): MountOption {
  const type = fields.get('type') ?? 'volume';
  if (type !== 'bind' && type !== 'volume' && type !== 'tmpfs')
    throw badMount(text, `mount type '${type}' is not supported: bind, volume and tmpfs are`);
  const target = fields.get('target');
  if (!target) throw badMount(text, 'target is required');
  if (!target.startsWith('/'))
    throw badMount(text, `invalid mount path: '${target}' mount path must be absolute`);
  for (const key of fields.keys()) {
    if (/^(bind|volume|tmpfs)-/.test(key) && !key.startsWith(`${type}-`))
      throw badMount(text, `cannot mix '${key}' with mount type '${type}'`);
  }
  const source = fields.get('source');
  if (type === 'bind' && !source) throw badMount(text, 'a bind mount needs a source');
  if (type === 'tmpfs' && source !== undefined) throw badMount(text, 'a tmpfs mount has no source');
  const given = type === 'bind' ? resolve(workingDirectory, source ?? '') : source;
  return {
    type,
    ...(given ? { source: given } : {}),
    target,
    readOnly: isOn(text, fields, 'readonly'),
    options: optionsOf(text, fields),
    createSource: false,
  };
}

function optionsOf(text: string, fields: ReadonlyMap<string, string>): string[] {
  const options: string[] = [];
  const propagation = fields.get('bind-propagation');
  if (propagation !== undefined) {
    if (!propagations.includes(propagation))
      throw badMount(text, `invalid bind propagation '${propagation}'`);
    options.push(propagation);
  }
  if (isOn(text, fields, 'volume-nocopy')) options.push('nocopy');
  const subpath = fields.get('volume-subpath');
  if (subpath !== undefined) options.push(`subpath=${subpath}`);
  const size = fields.get('tmpfs-size');
  if (size !== undefined) options.push(`size=${readSize(size, 'tmpfs-size')}`);
  const mode = fields.get('tmpfs-mode');
  if (mode !== undefined) {
    if (!/^[0-7]{1,5}$/.test(mode)) throw badMount(text, `invalid value for tmpfs-mode: ${mode}`);
    options.push(`mode=${mode}`);
  }
  return options;
}

function isOn(text: string, fields: ReadonlyMap<string, string>, key: string): boolean {
  const value = fields.get(key) ?? 'false';
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw badMount(text, `invalid value for ${key}: ${value}`);
}

function badMount(text: string, why: string): Error {
  return usageFailure(`invalid argument "${text}" for "--mount" flag: ${why}`);
}
