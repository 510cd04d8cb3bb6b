/** Tar archives made by hand, so that they can be wrong. */
export interface TarMember {
  readonly name: string | Buffer;
  /** One character as in the header, `0` when absent. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly major?: number;
  readonly minor?: number;
  /** Size in the header when it is not that of the content. */
  readonly size?: number;
  readonly pax?: { readonly [key: string]: string | Buffer };
}

export function tarOf(members: readonly TarMember[], options: { readonly end?: boolean } = {}): Buffer {
  const parts = members.flatMap(member => [...paxOf(member), ...memberOf(member)]);
  if (options.end !== false) parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}

/** The archive in pieces of a size that meets no block boundary. */
export async function* pieces(archive: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
}

function memberOf(member: TarMember): Buffer[] {
  const content = Buffer.from(member.content ?? '');
  const header = Buffer.alloc(512);
  header.set(Buffer.from(member.name).subarray(0, 100), 0);
  octal(header, { at: 100, size: 8, value: member.mode ?? 0o644 });
  octal(header, { at: 108, size: 8, value: member.uid ?? 0 });
  octal(header, { at: 116, size: 8, value: member.gid ?? 0 });
  octal(header, { at: 124, size: 12, value: member.size ?? content.length });
  octal(header, { at: 136, size: 12, value: member.mtime ?? 1_600_000_000 });
  header.write(member.type ?? '0', 156, 'latin1');
  header.write(member.link ?? '', 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  octal(header, { at: 329, size: 8, value: member.major ?? 0 });
  octal(header, { at: 337, size: 8, value: member.minor ?? 0 });
  return [sealed(header), content, Buffer.alloc(-content.length & 511)];
}

function paxOf({ pax }: TarMember): Buffer[] {
  if (!pax) return [];
  const records = Buffer.concat(
    Object.entries(pax).map(([key, value]) => paxRecord(key, Buffer.from(value))),
  );
  return memberOf({ name: 'PaxHeaders/x', type: 'x', content: records });
}

function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function octal(
  header: Buffer,
  { at, size, value }: { readonly at: number; readonly size: number; readonly value: number },
): void {
  header.write(value.toString(8).padStart(size - 1, '0'), at, 'latin1');
}

function sealed(header: Buffer): Buffer {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
