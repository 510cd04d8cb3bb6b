import type { ContainerInfo, NetworkInfo } from '../../server/protocol/types.ts';
import { isActive, stateWords } from './containerItems.ts';
import type { Item } from './item.ts';
import { countText, shortId } from './words.ts';

/** Rows of the Links view: networks, in them the containers with their address, in those the links they hold. */
export function linkItems(
  networks: readonly NetworkInfo[],
  containers: readonly ContainerInfo[],
): readonly Item[] {
  const byId = new Map(containers.map(container => [container.id, container]));
  const order: readonly NetworkInfo['driver'][] = ['bridge', 'host', 'none'];
  return [...networks]
    .sort((a, b) => order.indexOf(a.driver) - order.indexOf(b.driver) || a.name.localeCompare(b.name))
    .map(network => networkItem(network, byId));
}

function networkItem(network: NetworkInfo, byId: ReadonlyMap<string, ContainerInfo>): Item {
  const count = countText(network.containers.length, 'container');
  const facts = [...(network.subnet === undefined ? [] : [network.subnet]), count];
  return {
    id: `network/${network.id}`,
    label: network.name,
    description: facts.join(' · '),
    icon: {
      id:
        network.driver === 'bridge'
          ? 'type-hierarchy'
          : network.driver === 'host'
            ? 'server'
            : 'circle-slash',
    },
    spoken: [`network ${network.name}`, network.driver, ...facts].join(', '),
    contextValue: `network ${network.driver}`,
    subject: { kind: 'network', network },
    children: [...network.containers]
      .sort((a, b) => a.name.localeCompare(b.name))
      .map(endpoint => endpointItem(network, endpoint, byId)),
  };
}

function endpointItem(
  network: NetworkInfo,
  endpoint: NetworkInfo['containers'][number],
  byId: ReadonlyMap<string, ContainerInfo>,
): Item {
  const links = byId.get(endpoint.id)?.links ?? [];
  return {
    id: `network/${network.id}/${endpoint.id}`,
    label: endpoint.name,
    description: endpoint.address,
    icon: { id: 'vm-connect' },
    spoken: [
      `container ${endpoint.name}`,
      `address ${endpoint.address}`,
      countText(links.length, 'link'),
    ].join(', '),
    contextValue: endpoint.address === '' ? 'endpoint' : 'endpoint address',
    subject: { kind: 'endpoint', network, endpoint },
    children: links.map(link => linkItem(endpoint, link, byId)),
  };
}

function linkItem(
  from: NetworkInfo['containers'][number],
  link: ContainerInfo['links'][number],
  byId: ReadonlyMap<string, ContainerInfo>,
): Item {
  const found = byId.get(link.container);
  const target = found?.name ?? shortId(link.container);
  const problem = linkProblem(found, link.address);
  const reached = problem ?? String(link.address);
  return {
    id: `link/${from.id}/${link.alias}`,
    label: `${link.alias} → ${target}`,
    description: reached,
    icon: problem === undefined ? { id: 'link' } : { id: 'warning', color: 'problemsWarningIcon.foreground' },
    spoken: `link: ${from.name} reaches ${target} as ${link.alias}, ${reached}`,
    contextValue: problem === undefined ? 'link address' : 'link',
    subject: { kind: 'link', from: from.name, link },
    children: [],
  };
}

/** Why a link leads to nobody; undefined when it does not. Its address is that of its target's last run. */
function linkProblem(target: ContainerInfo | undefined, address: string | undefined): string | undefined {
  if (target === undefined) return 'it was removed';
  if (!isActive(target.status)) return `it is not running: ${stateWords(target)}`;
  return address === undefined ? 'it has no address here' : undefined;
}
