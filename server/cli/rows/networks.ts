import type { NetworkInfo } from '../../protocol/types.ts';
import type { Layout, Row } from '../listing.ts';
import { goTime, shortId } from '../words.ts';

export const networkLayout: Layout = {
  headings: {
    ID: 'NETWORK ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    CreatedAt: 'CREATED AT',
    IPv4: 'IPV4',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
  },
  columns: ['ID', 'Name', 'Driver', 'Scope'],
  quiet: 'ID',
};

export function networkRow(network: NetworkInfo, options: { readonly trunc: boolean }): Row {
  return {
    ID: options.trunc ? shortId(network.id) : network.id,
    Name: network.name,
    Driver: network.driver === 'none' ? 'null' : network.driver,
    Scope: 'local',
    CreatedAt: goTime(network.createdAt),
    IPv4: 'true',
    IPv6: 'false',
    Internal: 'false',
    Labels: '',
    Label: () => '',
  };
}
