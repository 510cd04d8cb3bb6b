import { SampanError } from './errors.ts';

/** OCI image-spec image-index.md "platform", in the names of Go's GOOS and GOARCH. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** `v7` for 32-bit ARM; absent where the architecture has one meaning. */
  readonly variant?: string;
}

// containerd/platforms, database.go `normalizeArch`.
const aliases: { readonly [name: string]: { readonly architecture: string; readonly variant?: string } } = {
  i386: { architecture: '386' },
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  x64: { architecture: 'amd64' },
  ia32: { architecture: '386' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
};

/** The platform of images that this host runs. `nodeArchitecture` is Node's `process.arch`. */
export function hostPlatform(nodeArchitecture: string): Platform {
  return normalizePlatform({ os: 'linux', architecture: nodeArchitecture });
}

/** `os[/architecture[/variant]]` or an architecture alone; missing parts come from `host`. Throws `invalid-argument`. */
export function parsePlatform(text: string, host: Platform): Platform {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || parts.some(part => !/^[a-z0-9_.-]+$/.test(part))) {
    throw new SampanError('invalid-argument', `Invalid platform "${text}".`, {
      hint: 'A platform is os/architecture with an optional variant, for example linux/amd64 or linux/arm/v7.',
    });
  }
  const [first = '', architecture, variant] = parts;
  if (architecture !== undefined) return platformOf(first, architecture, variant);
  if (first === host.os) return host;
  return platformOf(host.os, first, undefined);
}

/** `linux/arm/v7`. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant ? `${base}/${platform.variant}` : base;
}

/** One spelling for every platform: `aarch64` and `arm64/v8` are `arm64`, `arm` is `arm/v7`, `amd64/v1` is `amd64`. */
export function normalizePlatform(platform: Platform): Platform {
  const lower = platform.architecture.toLowerCase();
  const alias = aliases[lower] ?? { architecture: lower };
  const given = platform.variant?.toLowerCase();
  const variant = normalizeVariant(alias.architecture, given || alias.variant);
  const base = { os: platform.os.toLowerCase(), architecture: alias.architecture };
  return variant === undefined ? base : { ...base, variant };
}

/**
 * How well an image for `offered` serves `wanted`: 0 is exact, higher is a worse fall-back (an older ARM
 * variant, the 32-bit architecture of a 64-bit one, as containerd/platforms `platformVector`), undefined
 * is not at all.
 */
export function platformRank(wanted: Platform, offered: Platform): number | undefined {
  const name = formatPlatform(normalizePlatform(offered));
  const rank = acceptable(normalizePlatform(wanted)).findIndex(one => formatPlatform(one) === name);
  return rank < 0 ? undefined : rank;
}

/** The best of `offered` for `wanted`; the first wins among equals. Undefined when none fits. */
export function choosePlatform<T>(
  wanted: Platform,
  offered: readonly { readonly platform: Platform; readonly value: T }[],
): T | undefined {
  let best: { readonly rank: number; readonly value: T } | undefined;
  for (const { platform, value } of offered) {
    const rank = platformRank(wanted, platform);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { rank, value };
  }
  return best?.value;
}

function platformOf(os: string, architecture: string, variant: string | undefined): Platform {
  return normalizePlatform(variant === undefined ? { os, architecture } : { os, architecture, variant });
}

function normalizeVariant(architecture: string, variant: string | undefined): string | undefined {
  const value = variant !== undefined && /^[0-9]/.test(variant) ? `v${variant}` : variant;
  if (architecture === 'arm') return value ?? 'v7';
  if (architecture === 'arm64' && value === 'v8') return undefined;
  if (architecture === 'amd64' && value === 'v1') return undefined;
  return value;
}

function acceptable(wanted: Platform): readonly Platform[] {
  const { os, architecture, variant } = wanted;
  if (architecture === 'amd64') return [...descending(wanted, 1), { os, architecture: '386' }];
  if (architecture === 'arm') return descending(wanted, 5);
  if (architecture === 'arm64' && variant === undefined) {
    return [wanted, ...descending({ os, architecture: 'arm', variant: 'v8' }, 5)];
  }
  return [wanted];
}

/** The platform itself and the older variants of its architecture down to `lowest`. */
function descending(platform: Platform, lowest: number): readonly Platform[] {
  const newest = Number(platform.variant?.slice(1) ?? lowest);
  if (!Number.isInteger(newest)) return [platform];
  const result: Platform[] = [platform];
  for (let version = newest - 1; version >= lowest; version -= 1) {
    result.push(platformOf(platform.os, platform.architecture, `v${version}`));
  }
  return result;
}
