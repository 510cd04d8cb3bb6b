import { SampanError } from '../../common/errors.ts';
import type { LocatedNetwork } from '../network/networks.ts';
import type { ProcessIdentity } from '../runtime/types.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { isRunning } from './exit.ts';
import type { ContainerRecord } from './record.ts';

/** The network that the container gets an interface on. */
export async function findNetwork(
  context: ContainerContext,
  { network }: ContainerRecord,
): Promise<LocatedNetwork | undefined> {
  return network.mode === 'bridge' ? context.networks.locate(network.name) : undefined;
}

/** The process whose network namespace it shares. */
export async function findNetworkOwner(
  context: ContainerContext,
  { network }: ContainerRecord,
): Promise<ProcessIdentity | undefined> {
  if (network.mode !== 'container') return undefined;
  const other = await requireFacts(context, network.container);
  if (!isRunning(other))
    throw new SampanError(
      'not-running',
      `Cannot join the network of a non running container: ${other.record.name}.`,
      {
        hint: `Start it first: sampan start ${other.record.name}`,
      },
    );
  return other.state.process;
}

/** A link to a running container. */
export interface FoundLink {
  readonly owner: string;
  readonly alias: string;
  readonly address: string;
  readonly ports: readonly string[];
  readonly env: readonly string[];
  /** Names in /etc/hosts. */
  readonly names: readonly string[];
}

/** @throws SampanError `not-running` when a target is not, or has no address */
export async function findLinks(
  context: ContainerContext,
  record: ContainerRecord,
): Promise<readonly FoundLink[]> {
  return Promise.all(
    record.links.map(async ({ container, alias }) => {
      const target = await requireFacts(context, container);
      const address = isRunning(target) ? target.run?.network.address : undefined;
      if (address === undefined)
        throw new SampanError(
          'not-running',
          `Cannot link to a non running container: /${target.record.name} AS /${record.name}/${alias}.`,
          { hint: `Start it first, on the default network: sampan start ${target.record.name}` },
        );
      return {
        owner: record.name,
        alias,
        address,
        ports: Object.keys(target.record.config.ExposedPorts ?? {}),
        env: target.record.config.Env ?? [],
        names: [...new Set([alias, target.record.id.slice(0, 12), target.record.name])],
      };
    }),
  );
}

/** Of an address with the length of its prefix. */
export function withoutPrefix(address: string): string {
  return address.slice(0, address.indexOf('/'));
}
