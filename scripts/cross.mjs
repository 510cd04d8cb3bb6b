// The native parts for another processor than this machine's, by Debian's cross compilers.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildWithGyp } from './gyp.mjs';
import { ensureSystemPackages, root } from './setup.mjs';

/**
 * Processors by Node's names: Debian's name, the compilers' prefix, the number in an ELF header (e_machine, elf(5)),
 * and the user-mode emulator.
 */
export const processors = {
  x64: { debian: 'amd64', triple: 'x86_64-linux-gnu', machine: 62, emulator: 'qemu-x86_64-static' },
  arm64: { debian: 'arm64', triple: 'aarch64-linux-gnu', machine: 183, emulator: 'qemu-aarch64-static' },
};

/**
 * Build the addon, the helper and the front for `processor`; the folder that holds them. Ends the process with the
 * command to run when a compiler or a library is missing that cannot be had.
 */
export function buildFor(processor) {
  ensureSystemPackages('build', `cross-${processor}`);
  const { triple } = processors[processor];
  const folder = join(root, 'build', processor);
  mkdirSync(folder, { recursive: true });
  for (const name of ['native', 'node_modules', 'binding.gyp', 'package.json'])
    if (!existsSync(join(folder, name))) symlinkSync(join(root, name), join(folder, name));
  const { include, library } = findSeccomp(processor, folder);
  buildWithGyp(folder, {
    args: [`--arch=${processor}`, '--loglevel=error'],
    env: {
      ...process.env,
      CC: `${triple}-gcc`,
      CXX: `${triple}-g++`,
      AR: `${triple}-ar`,
      CPATH: include,
      LDFLAGS: `-L${library}`,
    },
  });
  const release = join(folder, 'build/Release');
  copyFileSync(join(release, 'sampan-front'), join(release, 'sampan')); // an addon of that name is built beside
  return release;
}

/** Where libseccomp for `processor` is: installed, or unpacked below `folder` from Debian's package. */
function findSeccomp(processor, folder) {
  const { triple } = processors[processor];
  const installed = `/usr/lib/${triple}`;
  if (existsSync(join(installed, 'libseccomp.a'))) return { include: '/usr/include', library: installed };
  const unpacked = join(folder, 'sysroot/usr');
  const found = { include: join(unpacked, 'include'), library: join(unpacked, 'lib', triple) };
  if (!existsSync(join(found.library, 'libseccomp.a'))) unpackSeccomp(processor, folder);
  return found;
}

/** apt with lists and a state of its own: neither needs root nor changes what this machine has. */
function unpackSeccomp(processor, folder) {
  const { debian } = processors[processor];
  const apt = join(folder, 'apt');
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, name), { recursive: true });
  const options = {
    'APT::Architecture': debian,
    'APT::Architectures::': debian,
    'APT::Sandbox::User': '',
    'Dir::State': apt,
    'Dir::State::status': '/dev/null',
    'Dir::Cache': apt,
  };
  const flags = Object.entries(options).map(([name, value]) => `-o${name}=${value}`);
  const quiet = { cwd: apt, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' };
  try {
    execFileSync('apt-get', [...flags, 'update'], quiet);
    execFileSync('apt-get', [...flags, 'download', 'libseccomp-dev'], quiet);
    const [archive] = readdirSync(apt).filter(name => name.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', join(apt, archive), join(folder, 'sysroot')], quiet);
  } catch (error) {
    console.error(
      `libseccomp-dev for ${debian} is missing and could not be downloaded:\n${error.stderr ?? error.message}\n` +
        `Install it with:\n\n  sudo sh -c 'dpkg --add-architecture ${debian} && apt-get update && apt-get install -y libseccomp-dev:${debian}'\n`,
    );
    process.exit(1);
  } finally {
    rmSync(apt, { recursive: true, force: true });
  }
}
