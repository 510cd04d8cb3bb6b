const systems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
);
const architectures = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm i386 x86_64 x86-64 aarch64 armhf armel'.split(
    ' ',
  ),
);
const system = /^[A-Za-z0-9_-]+(?:\([A-Za-z0-9_.%-]*(?:\+[A-Za-z0-9_.%-]+)*\))?$/;
const component = /^[A-Za-z0-9_.-]+$/;

/** What is wrong with a platform such as `linux/arm/v7`; undefined when it is one (containerd/platforms). */
export function platformProblem(text: string): string | undefined {
  const quoted = JSON.stringify(text);
  if (text.includes('*')) return `${quoted}: wildcards not yet supported`;
  const [first = '', ...rest] = text.split('/');
  if (!system.test(first)) return `${JSON.stringify(first)} is an invalid OS component of ${quoted}`;
  const wrong = rest.slice(0, 3).find(part => !component.test(part));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is an invalid component of ${quoted}`;
  if (rest.length > 2) return `${quoted}: cannot parse platform specifier`;
  const isKnown = rest.length > 0 || systems.has(systemName(first)) || architectures.has(first.toLowerCase());
  return isKnown ? undefined : `${quoted}: unknown operating system or architecture`;
}

/** The operating system and architecture that a well-formed platform names; absent parts are undefined. */
export function platformParts(text: string): {
  system: string | undefined;
  architecture: string | undefined;
} {
  const [first = '', second] = text.split('/');
  if (second !== undefined) return { system: systemName(first), architecture: second.toLowerCase() };
  if (systems.has(systemName(first))) return { system: systemName(first), architecture: undefined };
  return { system: undefined, architecture: first.toLowerCase() };
}

function systemName(part: string): string {
  const name = part.replace(/\(.*/, '').toLowerCase();
  return name === 'macos' ? 'darwin' : name;
}
