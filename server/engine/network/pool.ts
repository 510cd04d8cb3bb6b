import { SampanError } from '../../common/errors.ts';

/** An IPv4 network: first address as a number, and the length of its prefix. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** Docker's default pools (moby `daemon/libnetwork/ipamutils`): 172.17/16 to 172.31/16, then 192.168/16 in /20. */
export const defaultPools: readonly Subnet[] = [
  ...Array.from({ length: 15 }, (_, index) => ({ base: address(172, 17 + index), prefix: 16 })),
  ...Array.from({ length: 16 }, (_, index) => ({ base: address(192, 168, index * 16), prefix: 20 })),
];

function address(...bytes: readonly number[]): number {
  return [0, 1, 2, 3].reduce((sum, index) => sum * 256 + (bytes[index] ?? 0), 0);
}

/**
 * The first pool that overlaps none of `taken` (the host's routes and other networks), beginning at `start`, so
 * that stores on one machine begin apart.
 *
 * @throws SampanError `conflict` when every pool is taken
 */
export function chooseSubnet(taken: readonly Subnet[], start: number): Subnet {
  for (let index = 0; index < defaultPools.length; index++) {
    const pool = defaultPools[(start + index) % defaultPools.length] as Subnet;
    if (!taken.some(other => overlaps(pool, other))) return pool;
  }
  throw new SampanError(
    'conflict',
    'No private address range is free: all overlap with routes of this host.',
    {
      hint: 'Close a VPN or another container engine, or run with --network host or none.',
    },
  );
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  const size = 2 ** (32 - Math.min(a.prefix, b.prefix));
  return Math.floor(a.base / size) === Math.floor(b.base / size);
}

/** `172.17.0.0/16`. */
export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.base)}/${subnet.prefix}`;
}

/** @returns undefined when `text` is no IPv4 network */
export function parseSubnet(text: string): Subnet | undefined {
  const [address, prefix] = text.split('/');
  const base = parseAddress(address ?? '');
  if (base === undefined || !/^\d+$/.test(prefix ?? '') || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  return { base: Math.floor(base / size) * size, prefix: Number(prefix) };
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** @returns undefined when `text` is no IPv4 address */
export function parseAddress(text: string): number | undefined {
  const bytes = text.split('.').map(Number);
  if (bytes.length !== 4 || !bytes.every(byte => Number.isInteger(byte) && byte >= 0 && byte < 256))
    return undefined;
  return address(...bytes);
}

/** The first host address: the bridge's. */
export function gatewayOf(subnet: Subnet): number {
  return subnet.base + 1;
}

export function contains(subnet: Subnet, value: number): boolean {
  return value >= subnet.base && value < subnet.base + 2 ** (32 - subnet.prefix);
}

/**
 * Addresses for containers in the order in which they are tried: upward from the one after `last`, then from
 * the start. The network's own, the gateway's and the broadcast address are left out.
 */
export function* addressesAfter(subnet: Subnet, last: number): Generator<number> {
  const first = gatewayOf(subnet) + 1;
  const end = subnet.base + 2 ** (32 - subnet.prefix) - 1;
  const start = last >= first && last + 1 < end ? last + 1 : first;
  for (let value = start; value < end; value++) yield value;
  for (let value = first; value < start; value++) yield value;
}

/** Destinations of /proc/net/route (proc_net(5)): hexadecimal, in the byte order of the machine. The default route is left out, and those of `bridge`. */
export function parseRoutes(text: string, bridge?: string): readonly Subnet[] {
  return text
    .split('\n')
    .slice(1)
    .map(line => line.split('\t'))
    .filter(fields => fields.length > 7 && fields[0] !== bridge)
    .map(fields => ({
      base: fromLittleEndian(fields[1] as string),
      prefix: prefixLength(fromLittleEndian(fields[7] as string)),
    }))
    .filter(route => route.prefix > 0);
}

function fromLittleEndian(hex: string): number {
  const bytes = [6, 4, 2, 0].map(at => Number.parseInt(hex.slice(at, at + 2), 16));
  return address(...bytes);
}

function prefixLength(mask: number): number {
  return mask
    .toString(2)
    .split('')
    .filter(bit => bit === '1').length;
}

/** A unicast, locally administered MAC (IEEE 802, bit 1 of the first byte) from six random bytes. */
export function formatMac(random: Uint8Array): string {
  const bytes = [...random.subarray(0, 6)];
  bytes[0] = ((bytes[0] as number) & 0xfc) | 0x02;
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':');
}
