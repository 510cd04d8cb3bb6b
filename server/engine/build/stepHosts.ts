import { parseExtraHost } from '../container/create.ts';
import { type HostEntry, hostsFile } from '../network/hosts.ts';
import type { ExecNode } from './planTypes.ts';

/** /etc/hosts of a RUN: with what was asked for, `host-gateway` being the way to the host from where it runs. */
export function stepHosts(
  { hostname, extraHosts }: Pick<ExecNode, 'hostname' | 'extraHosts'>,
  gateway = '127.0.0.1',
): string {
  const extra = extraHosts.map(parseExtraHost).map(
    ({ name, address }): HostEntry => ({
      address: address === 'host-gateway' ? gateway : address,
      names: [name],
    }),
  );
  return hostsFile([...extra, { address: '127.0.1.1', names: [hostname] }]);
}
