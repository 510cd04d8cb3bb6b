/** What a program or library asks of the machine that loads it; ELF-64, little endian (elf(5)). */
export interface ElfNeeds {
  /** DT_NEEDED, shared libraries by name. */
  readonly needed: readonly string[];
  /** Versions in .gnu.version_r, `GLIBC_2.28`. */
  readonly versions: readonly string[];
  /** PT_INTERP, the loader; absent in a static program. */
  readonly interpreter: string | undefined;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const type = { load: 1, dynamic: 2, interpreter: 3 };
const tag = { needed: 1, stringTable: 5, versionNeeds: 0x6ffffffe, versionNeedCount: 0x6fffffff };

/** Read the needs of an ELF file. Throws when it is none. */
export function readElf(file: Buffer): ElfNeeds {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1)
    throw new Error('not a 64-bit little-endian ELF file');
  const segments = readSegments(file);
  const dynamic = readDynamic(file, segments);
  const strings = dynamic.find(([key]) => key === tag.stringTable)?.[1];
  const text = (at: number): string => textAt(file, fileOffset(segments, strings ?? 0) + at);
  const interpreter = segments.find(segment => segment.type === type.interpreter);
  return {
    needed: dynamic.filter(([key]) => key === tag.needed).map(([, at]) => text(at)),
    versions: readVersions(file, segments, dynamic).map(text),
    interpreter: interpreter && textAt(file, interpreter.offset),
  };
}

function readSegments(file: Buffer): Segment[] {
  const start = Number(file.readBigUInt64LE(32));
  const [size, count] = [file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      size: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

/** Entries of PT_DYNAMIC as tag and value. */
function readDynamic(file: Buffer, segments: readonly Segment[]): [tag: number, value: number][] {
  const dynamic = segments.find(segment => segment.type === type.dynamic);
  return Array.from({ length: (dynamic?.size ?? 0) / 16 }, (_, index) => {
    const at = (dynamic?.offset ?? 0) + index * 16;
    return [Number(file.readBigUInt64LE(at)), Number(file.readBigUInt64LE(at + 8))];
  });
}

/** String table offsets of every version that is needed: a list of libraries, each with a list of versions. */
function readVersions(
  file: Buffer,
  segments: readonly Segment[],
  dynamic: readonly [tag: number, value: number][],
): number[] {
  const address = dynamic.find(([key]) => key === tag.versionNeeds)?.[1];
  const count = dynamic.find(([key]) => key === tag.versionNeedCount)?.[1] ?? 0;
  const found: number[] = [];
  let library = address === undefined ? 0 : fileOffset(segments, address);
  for (let i = 0; i < count; i++) {
    let version = library + file.readUInt32LE(library + 8);
    for (let left = file.readUInt16LE(library + 2); left > 0; left--) {
      found.push(file.readUInt32LE(version + 8));
      version += file.readUInt32LE(version + 12);
    }
    library += file.readUInt32LE(library + 12);
  }
  return found;
}

function fileOffset(segments: readonly Segment[], address: number): number {
  const holding = segments.find(
    segment =>
      segment.type === type.load && address >= segment.address && address < segment.address + segment.size,
  );
  if (!holding) throw new Error(`address ${address} is not in the file`);
  return address - holding.address + holding.offset;
}

function textAt(file: Buffer, at: number): string {
  return file.toString('latin1', at, file.indexOf(0, at));
}
