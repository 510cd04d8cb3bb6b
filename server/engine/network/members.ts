import { type HostEntry, hostLines } from './hosts.ts';

/** Begins the part of a member's /etc/hosts that follows the network's members; what stands before it is left alone. */
const mark = '# Members of the network:\n';

/** The text of /etc/hosts with these members at its end. */
export function withMembers(hosts: string, members: readonly HostEntry[]): string {
  const end = hosts.indexOf(mark);
  return (end < 0 ? hosts : hosts.slice(0, end)) + mark + hostLines(members);
}
