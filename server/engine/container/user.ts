import { SampanError } from '../../common/errors.ts';

/** Ids of a process inside, as numbers. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; the primary one is first, so that dropping to it cannot widen access (CVE-2022-36109). */
  readonly groups: readonly number[];
  readonly home: string;
}

/** The image's account files; undefined when it has none. */
export interface AccountFiles {
  readonly passwd: Uint8Array | undefined;
  readonly group: Uint8Array | undefined;
}

export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** uid_t and gid_t that docker accepts: 0 to 2^31-1. */
const idMax = 0x7fffffff;

/**
 * Docker's reading of `-u user[:group]` against the image's files. A uid without an entry has group 0; a user
 * with one has its group and every group that lists it; an explicit group is the only one.
 *
 * @throws SampanError `invalid-argument` for names without an entry and ids out of range
 */
export function resolveUser(
  spec: string,
  files: AccountFiles,
  groupAdd: readonly string[] = [],
): ResolvedUser {
  const colon = spec.indexOf(':');
  const userPart = colon < 0 ? spec : spec.slice(0, colon);
  const groupPart = colon < 0 ? '' : spec.slice(colon + 1);
  const groups = parseGroup(files.group);
  const entry = findUser(userPart, parsePasswd(files.passwd));
  const uid = entry?.uid ?? numericId(userPart || '0', () => noUser(userPart));
  const gid = groupPart ? findGroup(groupPart, groups, 'file') : (entry?.gid ?? 0);
  const memberships = groupPart || !entry ? [] : groups.filter(group => group.members.includes(entry.name));
  const added = groupAdd.map(name => findGroup(name, groups, 'add'));
  return {
    uid,
    gid,
    groups: [...new Set([gid, ...memberships.map(group => group.gid), ...added])],
    home: entry?.home || '/',
  };
}

function findUser(user: string, entries: readonly PasswdEntry[]): PasswdEntry | undefined {
  if (user === '') return entries.find(entry => entry.uid === 0);
  return entries.find(entry => entry.name === user || String(entry.uid) === user);
}

function findGroup(group: string, entries: readonly GroupEntry[], use: 'file' | 'add'): number {
  const entry = entries.find(one => one.name === group || String(one.gid) === group);
  return entry?.gid ?? numericId(group, () => noGroup(group, use));
}

function numericId(text: string, unknown: () => SampanError): number {
  if (!/^-?\d+$/.test(text)) throw unknown();
  const id = Number(text);
  if (id >= 0 && id <= idMax) return id;
  throw new SampanError(
    'invalid-argument',
    `The id ${text} is invalid: uids and gids must be in range 0-${idMax}.`,
  );
}

function noUser(user: string): SampanError {
  return new SampanError(
    'invalid-argument',
    `Unable to find user ${user}: no matching entries in passwd file of the image.`,
    { hint: 'Give a numeric id, or a user that the image has.' },
  );
}

function noGroup(group: string, use: 'file' | 'add'): SampanError {
  const where = use === 'file' ? ': no matching entries in group file of the image' : '';
  return new SampanError('invalid-argument', `Unable to find group ${group}${where}.`, {
    hint: 'Give a numeric id, or a group that the image has.',
  });
}

function fieldsOf(file: Uint8Array | undefined): string[][] {
  if (!file) return [];
  return new TextDecoder()
    .decode(file)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => line.split(':'));
}

/** passwd(5): name:password:uid:gid:comment:home:shell. Lines with a malformed id are skipped. */
export function parsePasswd(file: Uint8Array | undefined): readonly PasswdEntry[] {
  return fieldsOf(file).flatMap(([name, , uid, gid, , home]) =>
    isId(uid) && isId(gid)
      ? [{ name: name ?? '', uid: Number(uid), gid: Number(gid), home: home ?? '' }]
      : [],
  );
}

/** group(5): name:password:gid:members. */
export function parseGroup(file: Uint8Array | undefined): readonly GroupEntry[] {
  return fieldsOf(file).flatMap(([name, , gid, members]) =>
    isId(gid) ? [{ name: name ?? '', gid: Number(gid), members: members ? members.split(',') : [] }] : [],
  );
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text) && Number(text) <= idMax;
}
