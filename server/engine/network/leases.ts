import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import type { Native } from '../native.ts';
import { hasErrno } from '../store/failure.ts';
import { currentOwner, isOwnerAlive, ownerOfFile, ownerTag } from '../store/owner.ts';
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

export function openLeases(
  directory: string,
  native: Pick<Native, 'readFiles' | 'writeFiles'>,
): AddressLeases {
  const addressFile = (address: string) => join(directory, address);
  const holderFile = (container: string) => join(directory, container);
  const last = join(directory, 'last');

  /** Text of each file that can be read. */
  async function readTexts(paths: readonly string[]): Promise<readonly (string | undefined)[]> {
    return (await native.readFiles(paths)).map(one => (typeof one === 'string' ? one : undefined));
  }

  async function readText(path: string): Promise<string | undefined> {
    return (await readTexts([path]))[0];
  }

  /** False when another holds it. */
  async function claim(address: string, container: string): Promise<boolean> {
    const [refused, ...failed] = await native.writeFiles([
      { path: addressFile(address), content: container, exclusive: true },
      // A holder's file whose address turns out to be another's says nothing: the address says whose it is.
      {
        path: holderFile(container),
        content: `${address}.${ownerTag(currentOwner())}`,
        exclusive: false,
      },
      { path: last, content: address, exclusive: false }, // a hint: addresses are used again late, as docker does
    ]);
    const failure =
      failed.find(one => one !== undefined) ?? (hasErrno(refused, 'EEXIST') ? undefined : refused);
    if (failure) throw failure;
    return refused === undefined;
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
    const address = heldAddress(await readText(holderFile(container)));
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
      const [held, lastTaken] = await readTexts([holderFile(container), last]);
      const own = heldAddress(held);
      if (own !== undefined && (await isStillGood({ address: own, container }, subnet))) return own;
      if (own !== undefined) await release(container);
      if (lastTaken === undefined) await mkdir(directory, { recursive: true, mode: 0o700 });
      const from = parseAddress(lastTaken ?? '') ?? subnet.base;
      for (const value of addressesAfter(subnet, contains(subnet, from) ? from : subnet.base)) {
        const address = formatAddress(value);
        if (await claim(address, container)) return address;
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

/** Of `address.pid-startTime-boot`: what a container holds, and who took it. */
function heldAddress(content: string | undefined): string | undefined {
  return content?.slice(0, content.lastIndexOf('.'));
}
