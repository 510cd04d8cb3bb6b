import { resolve } from 'node:path';
import type { SshSource } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';
import { readBoolean } from '../flags.ts';

/** `--ssh`: `default`, or `ID[=PATH[,PATH...][,raw=true]]`; without a path the agent of SSH_AUTH_SOCK, as buildx reads it. */
export function readSsh(text: string, environment: NodeJS.ProcessEnv): [string, SshSource] {
  const [, id = '', rest = ''] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (id === '') throw usageFailure(`invalid ssh "${text}": it needs an id`);
  const fields = rest === '' ? [] : rest.split(',');
  const paths = fields.filter(field => !field.startsWith('raw='));
  const [written] = fields.filter(field => field.startsWith('raw='));
  const raw = written === undefined ? false : readBoolean(written.slice('raw='.length));
  if (raw === undefined) throw usageFailure(`invalid ssh "${text}": raw must be true or false`);
  const agent = environment.SSH_AUTH_SOCK;
  if (paths.length === 0 && !agent)
    throw usageFailure(`invalid ssh "${text}": it names no path, and SSH_AUTH_SOCK is not set`);
  const named = paths.length > 0 ? paths : [agent ?? ''];
  return [id, { paths: named.map(path => resolve(path)), ...(raw && { raw }) }];
}
