import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostEntry } from '../network/hosts.ts';
import { withMembers } from '../network/members.ts';
import { defaultNetwork } from '../network/networks.ts';
import { survey } from '../store/damage.ts';
import { hasErrno } from '../store/failure.ts';
import { withLock } from '../store/lock.ts';
import type { ContainerContext } from './context.ts';
import { isRunning, type Running } from './exit.ts';
import type { ContainerRecord } from './record.ts';

/** The network whose members know each other by name: one that a user made. */
export function namingNetwork({ network }: ContainerRecord): string | undefined {
  return network.mode === 'bridge' && network.name !== defaultNetwork ? network.name : undefined;
}

/** A member by the names that the others reach it by. */
function entryOf(record: ContainerRecord, address: string | undefined): readonly HostEntry[] {
  if (address === undefined) return [];
  const names = [
    record.name,
    record.id.slice(0, 12),
    record.hostname,
    ...(record.options.networkAliases ?? []),
  ];
  return [{ address, names: [...new Set(names)] }];
}

async function membersOf(context: ContainerContext, network: string): Promise<readonly Running[]> {
  const { found } = await survey((await context.registry.ids()).map(context.registry.facts));
  return found.filter(isRunning).filter(facts => namingNetwork(facts.record) === network);
}

/** Who a container that is about to start will know: the members that run, and itself. Undefined on other networks. */
export async function membersAtStart(
  context: ContainerContext,
  { record, address }: { readonly record: ContainerRecord; readonly address: string | undefined },
): Promise<readonly HostEntry[] | undefined> {
  const network = namingNetwork(record);
  if (network === undefined) return undefined;
  const members = await membersOf(context, network);
  const others = members.filter(member => member.record.id !== record.id);
  return [
    ...others.flatMap(one => entryOf(one.record, one.run?.network.address)),
    ...entryOf(record, address),
  ];
}

/**
 * Bring /etc/hosts of every running member of a network up to date. Under a lock of the network: whoever comes last sees
 * all that run by then.
 */
export function refreshMembers(context: ContainerContext, record: ContainerRecord): Promise<void> {
  const network = namingNetwork(record);
  if (network === undefined) return Promise.resolve();
  const folder = context.store.paths.network(network);
  return withLock(context.native, { path: `${folder}/.`, mode: 'exclusive' }, async () => {
    const members = await membersOf(context, network);
    const entries = members.flatMap(({ record: member, run }) => entryOf(member, run?.network.address));
    await Promise.all(members.map(({ directory }) => rewrite(join(directory, 'hosts'), entries)));
  }).catch(error => {
    // The network, or a member, is gone.
    if (!hasErrno(error, 'ENOENT')) context.log('warn', `Names on the network ${network}: ${String(error)}`);
  });
}

/** In place, because the file is bound into the container; cut only then, so that a reader never finds it empty. */
async function rewrite(path: string, members: readonly HostEntry[]): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const before = await file.readFile('utf8');
    const text = Buffer.from(withMembers(before, members));
    if (text.toString() === before) return;
    await file.write(text, 0, text.length, 0);
    await file.truncate(text.length);
  } finally {
    await file.close();
  }
}
