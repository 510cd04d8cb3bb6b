import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { hasErrno } from '../store/failure.ts';
import { currentOwner, isOwnerAlive, ownerOfFile, ownerTag } from '../store/owner.ts';
import { readSmallFile, writeSmallFile } from '../store/smallFile.ts';
import { addressesAfter, contains, formatAddress, parseAddress, type Subnet } from './pool.ts';

export interface LeaseHolder {
  /** Id of the container or build step. */
  readonly id: string;
  readonly takerAlive: boolean;
}

/**
 * Addresses that containers of one network hold, one file each, made with O_EXCL so that any number of servers
 * can allot at once. They lie in the runtime folder: after a reboot nobody holds any. A container keeps its
 * address until it is removed.
 */
export interface AddressLeases {
  /** The container's address: the one that it holds, or a free one. */
  take(container: string, subnet: Subnet): Promise<string>;
  release(container: string): Promise<void>;
  /** True while somebody holds an address. */
  inUse(): Promise<boolean>;
  /** Who holds an address, and whether the process that took it still lives. */
  holders(): Promise<readonly LeaseHolder[]>;
}

export function openLeases(directory: string): AddressLeases {
  const addressFile = (address: string) => join(directory, address);
  const holderFile = (container: string) => join(directory, container);
  const last = join(directory, 'last');

  /** `address.pid-startTime-boot`: what a container holds, and who took it. */
  async function addressOf(container: string): Promise<string | undefined> {
    const content = await readText(holderFile(container));
    return content?.slice(0, content.lastIndexOf('.'));
  }

  async function isStillGood(
    { address, container }: { readonly address: string; readonly container: string },
    subnet: Subnet,
  ): Promise<boolean> {
    const value = parseAddress(address);
    if (value === undefined || !contains(subnet, value)) return false;
    return (await readText(addressFile(address))) === container;
  }

  async function release(container: string): Promise<void> {
    const address = await addressOf(container);
    if (address === undefined) return;
    if ((await readText(addressFile(address))) === container) await rm(addressFile(address), { force: true });
    await rm(holderFile(container), { force: true });
  }

  async function holderIds(): Promise<readonly string[]> {
    const names: readonly string[] = await readdir(directory).catch(() => []);
    return names.filter(name => name !== 'last' && parseAddress(name) === undefined);
  }

  return {
    async take(container, subnet) {
      const [own, lastTaken] = await Promise.all([addressOf(container), readText(last)]);
      if (own !== undefined && (await isStillGood({ address: own, container }, subnet))) return own;
      if (own !== undefined) await release(container);
      if (lastTaken === undefined) await mkdir(directory, { recursive: true, mode: 0o700 });
      const from = parseAddress(lastTaken ?? '') ?? subnet.base;
      for (const value of addressesAfter(subnet, contains(subnet, from) ? from : subnet.base)) {
        const address = formatAddress(value);
        // A holder's file whose address turns out to be another's says nothing: the address says whose it is.
        const [isOurs] = await Promise.all([
          createExclusively(addressFile(address), container),
          writeSmallFile(holderFile(container), `${address}.${ownerTag(currentOwner())}`, 'w'),
          writeSmallFile(last, address, 'w'), // a hint: addresses are used again late, as docker does
        ]);
        if (isOurs) return address;
      }
      throw new SampanError('conflict', 'The network has no free address.', {
        hint: 'Remove containers that are not needed: stopped ones keep their address.',
      });
    },
    release,
    inUse: async () => (await holderIds()).length > 0,
    async holders() {
      return Promise.all(
        (await holderIds()).map(async id => {
          const owner = ownerOfFile((await readText(holderFile(id))) ?? '');
          return { id, takerAlive: owner !== undefined && isOwnerAlive(owner) };
        }),
      );
    },
  };
}

async function createExclusively(path: string, content: string): Promise<boolean> {
  try {
    await writeSmallFile(path, content, 'wx');
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readSmallFile(path).catch(() => undefined);
}
